//! What there is, as tables: metrics, metrics pages, and 404s.

use std::fmt::Write;

use super::graph;
use crate::report::escape::html;
use crate::report::{EndpointRow, Inventory, MetricRow};
use crate::source::{LineIndex, Location, Sources};

pub(super) fn section(inventory: &Inventory, sources: &Sources, out: &mut String) {
    graph::section(inventory, out);
    let place = |at: Location| {
        let line = LineIndex::new(sources.text(at.file)).position(sources.text(at.file), at.span.start).line;
        format!("{}:{line}", sources.path(at.file))
    };
    let metrics = inventory.metrics.iter().map(|metric| metric_cells(inventory, metric, &place)).collect();
    let head = ["name", "kind", "labels", "created", "recorded", "shown on", "what flows into it"];
    table("metrics", "Metrics", &head, metrics, out);
    let pages = inventory.endpoints.iter().map(|page| {
        let route = page.route.clone().unwrap_or_default();
        vec![route, page.kind.clone(), page.function.clone().unwrap_or_default(), place(page.at)]
    });
    table("pages", "Metrics endpoints", &["route", "kind", "function", "where"], pages.collect(), out);
    let not_found = inventory.not_found.iter().map(|path| {
        let function = path.function.clone().unwrap_or_default();
        vec![place(path.at), function, path.kind.to_owned(), path.how.clone(), path.counted.to_owned()]
    });
    table("notfound", "404s", &["where", "function", "kind", "how", "counted"], not_found.collect(), out);
}

fn metric_cells(inventory: &Inventory, metric: &MetricRow, place: &dyn Fn(Location) -> String) -> Vec<String> {
    let pages: Vec<String> = metric.shown_on.iter().map(|page| page_name(inventory, *page)).collect();
    let mut carries: Vec<String> = metric.carries.iter().map(|(what, _, _)| what.clone()).collect();
    carries.dedup();
    let approved = if metric.approved { " (counts 404s)" } else { "" };
    vec![
        format!("{}{approved}", metric.name),
        metric.kind.clone(),
        metric.labels.join(", "),
        metric.at.map_or(String::new(), place),
        metric.recorded.len().to_string(),
        pages.join(", "),
        carries.join(", "),
    ]
}

/// What a metrics page is called: its route, else its function.
pub(super) fn page_name(inventory: &Inventory, page: usize) -> String {
    let page = inventory.endpoints.get(page);
    let function = |page: &EndpointRow| page.function.clone().filter(|name| !name.starts_with('<'));
    let named = page.and_then(|page| page.route.clone().or_else(|| function(page)));
    named.unwrap_or_else(|| page.map_or("a page".to_owned(), |page| format!("a {}", page.kind)))
}

fn table(id: &str, title: &str, head: &[&str], rows: Vec<Vec<String>>, out: &mut String) {
    // Writing to a string can't fail.
    let _ = writeln!(out, "<section id=\"{id}\"><h2>{title} <span>{}</span></h2>", rows.len());
    if rows.is_empty() {
        out.push_str("<p>None.</p>\n</section>\n");
        return;
    }
    out.push_str("<div class=\"wide\"><table class=\"sortable\">\n<thead><tr>");
    for cell in head {
        let _ = write!(out, "<th scope=\"col\">{cell}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in &row {
            let _ = write!(out, "<td>{}</td>", html(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}
