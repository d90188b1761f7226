//! What there is: metrics, metrics pages, and 404s.

use std::fmt::Write;

use serde_json::{Value, json};

use super::json::{SCHEMA, position, pretty, tool};
use super::plain::one_line;
use super::{Places, Style};
use crate::source::{FileError, Location, Sources};

/// A metric.
#[derive(Debug, Clone, Default)]
pub struct MetricRow {
    /// Full name.
    pub name: String,
    /// `counter`, `gauge`….
    pub kind: String,
    /// Label names.
    pub labels: Vec<String>,
    /// Help text.
    pub help: String,
    /// Where it is created.
    pub at: Option<Location>,
    /// The function around it.
    pub function: Option<String>,
    /// Whether it is an approved 404 counter.
    pub approved: bool,
    /// Where it is recorded: place, function, method.
    pub recorded: Vec<(Location, Option<String>, String)>,
    /// Endpoints that show it, as indices.
    pub shown_on: Vec<usize>,
    /// What flows into it: in words, channel, place.
    pub carries: Vec<(String, String, Location)>,
}

/// A metrics page.
#[derive(Debug, Clone)]
pub struct EndpointRow {
    /// Where it is rendered or served.
    pub at: Location,
    /// The function around it.
    pub function: Option<String>,
    /// `view` or `server`.
    pub kind: String,
    /// Path or port.
    pub route: Option<String>,
}

/// A way on which a 404 leaves.
#[derive(Debug, Clone)]
pub struct NotFoundRow {
    /// Where it gets its status.
    pub at: Location,
    /// The function around it.
    pub function: Option<String>,
    /// `status`, `exception`, `soft`, `framework`.
    pub kind: &'static str,
    /// In words.
    pub how: String,
    /// `never`, `sometimes`, `once`, `more`.
    pub counted: &'static str,
    /// The status.
    pub status: u16,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Metrics by place.
    pub metrics: Vec<MetricRow>,
    /// Metrics pages by place.
    pub endpoints: Vec<EndpointRow>,
    /// 404s by place.
    pub not_found: Vec<NotFoundRow>,
    /// Files that could not be audited.
    pub errors: Vec<FileError>,
}

impl Inventory {
    fn places<'a>(&self, sources: &'a Sources) -> Places<'a> {
        let metrics = self.metrics.iter().flat_map(|metric| {
            let recorded = metric.recorded.iter().map(|(at, _, _)| *at);
            metric.at.into_iter().chain(recorded).chain(metric.carries.iter().map(|(_, _, at)| *at))
        });
        let pages = self.endpoints.iter().map(|endpoint| endpoint.at);
        let all = metrics.chain(pages).chain(self.not_found.iter().map(|path| path.at));
        Places::new(sources, all.map(|at| at.file))
    }
}

/// The inventory as JSON.
#[must_use]
pub fn inventory_json(inventory: &Inventory, sources: &Sources) -> String {
    let places = inventory.places(sources);
    let start = |at: Location| position(sources, &places, at.file, at.span.start);
    let metrics: Vec<Value> = inventory
        .metrics
        .iter()
        .map(|metric| {
            let recorded: Vec<Value> = metric
                .recorded
                .iter()
                .map(|(at, function, method)| {
                    json!({"path": sources.path(at.file), "start": start(*at), "function": function, "method": method})
                })
                .collect();
            let carries: Vec<Value> = metric
                .carries
                .iter()
                .map(|(what, channel, at)| {
                    json!({"what": what, "channel": channel, "path": sources.path(at.file), "start": start(*at)})
                })
                .collect();
            json!({
                "name": metric.name, "kind": metric.kind, "labels": metric.labels, "help": metric.help,
                "path": metric.at.map(|at| sources.path(at.file)), "start": metric.at.map(start),
                "function": metric.function, "approved": metric.approved, "recorded": recorded,
                "endpoints": metric.shown_on, "carries": carries,
            })
        })
        .collect();
    let endpoints: Vec<Value> = inventory
        .endpoints
        .iter()
        .map(|page| {
            json!({"path": sources.path(page.at.file), "start": start(page.at), "function": page.function,
                "kind": page.kind, "route": page.route})
        })
        .collect();
    let not_found: Vec<Value> = inventory
        .not_found
        .iter()
        .map(|path| {
            json!({"path": sources.path(path.at.file), "start": start(path.at), "function": path.function,
                "kind": path.kind, "how": path.how, "counted": path.counted, "status": path.status})
        })
        .collect();
    let errors = inventory.errors.iter().map(|error| json!({"path": error.path, "message": error.message}));
    pretty(&json!({"schema": SCHEMA, "tool": tool(), "metrics": metrics, "endpoints": endpoints,
        "not_found_paths": not_found, "errors": errors.collect::<Vec<_>>()}))
}

/// The inventory as tables for people.
#[must_use]
pub fn inventory_text(inventory: &Inventory, sources: &Sources, _style: Style) -> String {
    let places = inventory.places(sources);
    let place = |at: Location| {
        let start = places.start(at);
        format!("{}:{}:{}", sources.path(at.file), start.line, start.column)
    };
    let mut out = String::new();
    let rows = inventory.metrics.iter().map(|metric| {
        let recorded = match metric.recorded.len() {
            0 => "never".to_owned(),
            1 => "1 place".to_owned(),
            many => format!("{many} places"),
        };
        let carries: Vec<&str> = metric.carries.iter().map(|(what, _, _)| what.as_str()).collect();
        vec![
            metric.name.clone(),
            metric.kind.clone(),
            metric.labels.join(","),
            metric.at.map(place).unwrap_or_default(),
            recorded,
            shown(inventory, &metric.shown_on),
            carries.join(", "),
        ]
    });
    table(
        &mut out,
        "Metrics",
        &["name", "kind", "labels", "created", "recorded", "shown on", "carries"],
        rows.collect(),
    );
    let rows = inventory.endpoints.iter().map(|page| {
        let route = page.route.clone().unwrap_or_default();
        vec![page.kind.clone(), route, page.function.clone().unwrap_or_default(), place(page.at)]
    });
    table(&mut out, "Metrics endpoints", &["kind", "route", "function", "place"], rows.collect());
    let rows = inventory.not_found.iter().map(|path| {
        let function = path.function.clone().unwrap_or_default();
        vec![place(path.at), function, path.kind.to_owned(), path.how.clone(), path.counted.to_owned()]
    });
    table(&mut out, "404 paths", &["place", "function", "kind", "how", "counted"], rows.collect());
    for error in &inventory.errors {
        let _ = writeln!(out, "{}: error: {}", one_line(&error.path), one_line(&error.message));
    }
    out
}

fn shown(inventory: &Inventory, on: &[usize]) -> String {
    if on.is_empty() {
        return if inventory.endpoints.is_empty() { String::new() } else { "nowhere".to_owned() };
    }
    let name = |at: &usize| {
        let page = inventory.endpoints.get(*at)?;
        page.route.clone().or_else(|| page.function.clone())
    };
    on.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn table(out: &mut String, title: &str, head: &[&str], rows: Vec<Vec<String>>) {
    let _ = writeln!(out, "{title} ({})", rows.len());
    if rows.is_empty() {
        out.push('\n');
        return;
    }
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut line = |cells: Vec<&str>| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    };
    line(head.to_vec());
    for row in &rows {
        line(row.iter().map(String::as_str).collect());
    }
    out.push('\n');
}
