//! Tests from outside: the program on fixtures, its reports, and the shape of its source.

mod architecture;
mod cli;
mod fixes;
mod fixtures;
mod live;
mod registry;
mod reports;
mod support;
