//! The command line: a file per command.

mod allowing;
mod args;
mod changes;
mod check;
mod comparison;
mod config;
mod fetch;
mod gather;
mod grade;
mod init;
mod inventory;
mod knowledge;
mod mending;
mod merge;
mod output;
mod progress;
mod rule;
mod scrape;
mod scrape_args;
mod server;
mod server_args;
mod shard;
mod shell;
mod sift;
mod stats;

use std::process::ExitCode;

use clap::Parser;
use miette::Diagnostic;

use crate::error::Failure;
use args::{Arguments, Command};

/// Runs the command line; everything that fails is said on standard error.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // What panics is caught and reported with the file that caused it.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let result = match &arguments.command {
        Command::Check(options) => check::run(options),
        Command::Inventory(options) => inventory::run(options),
        Command::Grade(options) => grade::run(options),
        Command::Scrape(options) => scrape::run(options),
        Command::Server(options) => server::run(options),
        Command::Rule(options) => rule::run(options),
        Command::Config(options) => config::run(options),
        Command::Merge(options) => merge::run(options),
        Command::Init(options) => init::run(options),
        Command::Completions(options) => shell::completions(options),
        Command::Man => shell::man(),
    };
    match result {
        Ok(found) => ExitCode::from(u8::from(found)),
        Err(failure) => {
            complain(&failure);
            ExitCode::from(2)
        }
    }
}

/// Says what failed and what to do.
fn complain(failure: &Failure) {
    let help = failure.help().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    output::error(&format!("error: {failure}{help}\n"));
}
