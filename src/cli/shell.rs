//! `overexposed completions` and `overexposed man`: from the same definition as the command line itself.

use clap::CommandFactory;

use super::args::{Arguments, CompletionOptions};
use super::output;
use crate::error::Failure;

/// Prints the completions for a shell.
pub(super) fn completions(options: &CompletionOptions) -> Result<bool, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "overexposed", &mut out);
    output::print(&String::from_utf8_lossy(&out))?;
    Ok(false)
}

/// Prints the manual page, that of a command below the one of the program.
pub(super) fn man() -> Result<bool, Failure> {
    let cannot = |cause| Failure::Io { what: "cannot write the manual page".to_owned(), cause };
    let mut out = Vec::new();
    let mut whole = Arguments::command();
    whole.build();
    clap_mangen::Man::new(whole.clone()).render(&mut out).map_err(cannot)?;
    for command in whole.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("overexposed {}", command.get_name());
        // The name under which it is called is built into its usage already.
        let page = clap_mangen::Man::new(command.clone());
        out.extend(format!(".SH \"{}\"\n", name.to_uppercase()).bytes());
        page.render_description_section(&mut out).map_err(cannot)?;
        page.render_synopsis_section(&mut out).map_err(cannot)?;
        page.render_options_section(&mut out).map_err(cannot)?;
    }
    output::print(&String::from_utf8_lossy(&out))?;
    Ok(false)
}
