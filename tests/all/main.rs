//! Tests from outside: the program on fixtures, its reports, and the shape of its source.

mod architecture;
mod cli;
mod config;
mod deploy;
mod docs;
mod fetching;
mod fixes;
mod fixtures;
mod formats;
mod grade;
mod live;
mod merge;
mod pages;
mod props;
mod registry;
mod reports;
mod reviewer;
mod schema;
mod server;
mod submissions;
mod support;
