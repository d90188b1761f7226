//! `overexposed inventory`.

use super::args::{InventoryFormat, InventoryOptions};
use super::gather::Run;
use super::output;
use crate::engine::{Audit, Project};
use crate::error::Failure;
use crate::finding::Channel;
use crate::flow::{Analysis, Counted, Metric, MetricId, NotFoundKind};
use crate::report::{EndpointRow, Inventory, MetricRow, NotFoundRow, inventory_json, inventory_text};

/// Audits, and prints what there is instead of what is wrong.
pub(super) fn run(options: &InventoryOptions) -> Result<bool, Failure> {
    let mut run = Run::new(&options.scope)?;
    let audit = run.audit()?;
    let inventory = collect(&audit);
    let text = match options.output_format {
        InventoryFormat::Full => inventory_text(&inventory, &run.sources, output::style()),
        InventoryFormat::Json => inventory_json(&inventory, &run.sources),
    };
    output::print(&text)?;
    match run.failure(&audit) {
        Some(failure) => Err(failure),
        None => Ok(false),
    }
}

pub(super) fn collect(audit: &Audit) -> Inventory {
    let mut inventory = Inventory { errors: audit.errors.clone(), ..Inventory::default() };
    for Project { analysis, .. } in &audit.projects {
        let endpoints_before = inventory.endpoints.len();
        for (at, metric) in analysis.metrics.iter().enumerate() {
            let mut row = metric_row(analysis, MetricId(at as u32), metric);
            row.shown_on.iter_mut().for_each(|endpoint| *endpoint += endpoints_before);
            inventory.metrics.push(row);
        }
        inventory.endpoints.extend(analysis.endpoints.iter().map(|endpoint| EndpointRow {
            at: endpoint.at,
            function: function(&endpoint.function),
            kind: endpoint.kind.clone(),
            route: endpoint.route.clone(),
        }));
        inventory.not_found.extend(analysis.not_found.iter().map(|path| NotFoundRow {
            at: path.at,
            function: function(&path.function),
            kind: kind(path.kind),
            how: path.how.clone(),
            counted: counted(path.counted),
            status: path.status,
        }));
    }
    inventory.not_found.sort_by_key(|path| path.at);
    inventory
}

fn metric_row(analysis: &Analysis, id: MetricId, metric: &Metric) -> MetricRow {
    let recordings = analysis.recordings.iter().filter(|recording| recording.metrics.contains(&id));
    let recorded = recordings
        .filter(|recording| !recording.binds_only)
        .map(|recording| (recording.at, function(&recording.function), recording.method.clone()));
    let exposures = analysis.exposures.iter().filter(|exposure| exposure.metric == Some(id));
    let mut carries: Vec<_> =
        exposures.map(|exposure| (exposure.what.clone(), channel(exposure.channel).to_owned(), exposure.at)).collect();
    carries.dedup();
    MetricRow {
        name: metric.name.clone(),
        kind: metric.kind.clone(),
        labels: metric.labels.clone(),
        help: metric.help.clone(),
        at: Some(metric.at),
        function: function(&metric.function),
        approved: metric.approved,
        recorded: recorded.collect(),
        shown_on: metric.shown_on.clone(),
        carries,
    }
}

fn function(name: &str) -> Option<String> {
    (!name.is_empty() && name != "<module>").then(|| name.to_owned())
}

fn kind(kind: NotFoundKind) -> &'static str {
    match kind {
        NotFoundKind::Status => "status",
        NotFoundKind::Exception => "exception",
        NotFoundKind::Soft => "soft",
        NotFoundKind::Framework => "framework",
    }
}

fn counted(counted: Counted) -> &'static str {
    match counted {
        Counted::Never => "never",
        Counted::Sometimes => "sometimes",
        Counted::Once => "once",
        Counted::More => "more",
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Name => "name",
        Channel::Help => "help",
        Channel::LabelName => "label_name",
        Channel::LabelValue => "label_value",
        Channel::Value => "value",
        Channel::Exemplar => "exemplar",
        Channel::Info => "info",
        Channel::State => "state",
        Channel::GroupingKey => "grouping_key",
    }
}
