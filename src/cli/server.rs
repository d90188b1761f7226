//! `overexposed server`.

use std::path::Path;

use super::gather::Run;
use super::scrape_args::scope_of;
use super::server_args::ServerOptions;
use crate::error::Failure;
use crate::finding::Confidence;
use crate::server::{self, Opened};

/// Serves an editor until it says goodbye.
pub(super) fn run(options: &ServerOptions) -> Result<bool, Failure> {
    let open = |root: &Path| -> Result<Opened, Failure> {
        let mut scope = scope_of(vec![root.to_owned()])?;
        scope.config.clone_from(&options.config);
        scope.isolated = options.isolated;
        scope.rules.clone_from(&options.rules);
        let run = Run::new(&scope)?;
        Ok(Opened {
            pedantic: options.pedantic || run.config.pedantic.unwrap_or(false),
            confidence: run.config.confidence.unwrap_or(Confidence::Low),
            sources: run.sources,
            layout: run.layout,
            knowledge: run.knowledge,
            options: run.options,
        })
    };
    server::run(&open).map(|()| false)
}
