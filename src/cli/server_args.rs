//! Arguments of `server`.

use std::path::PathBuf;

use clap::Args;

/// Options of `server`.
#[derive(Debug, Args)]
pub(super) struct ServerOptions {
    /// The configuration, instead of the nearest one
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Look for no configuration
    #[arg(long)]
    pub(super) isolated: bool,
    /// A folder with more knowledge about libraries and names, in the form of the files under `rules/`
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Also show notes
    #[arg(long)]
    pub(super) pedantic: bool,
    /// Editors add it; standard input and output are used in any case
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
}
