//! Audits metric exposure: which values of a program reach its metrics page, and which 404s it forgets to count.
//!
//! `ARCHITECTURE.md` in the repository is the map of this crate.

pub mod baseline;
pub mod cli;
pub mod config;
pub mod deploy;
pub mod engine;
pub mod error;
pub mod finding;
pub mod fix;
pub mod flow;
pub mod grade;
pub mod knowledge;
pub mod nearest;
pub mod page;
pub mod program;
pub mod python;
pub mod report;
pub mod rules;
pub mod rust;
pub mod server;
pub mod source;
pub mod suppress;
