//! The command line program: arguments, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    overexposed::cli::main()
}
