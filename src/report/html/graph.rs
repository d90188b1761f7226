//! The inventory as a picture: from what flows in, through metrics, to the pages that show them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::inventory::page_name;
use crate::report::Inventory;
use crate::report::escape::html;

/// Metrics that are drawn; those that something flows into go first.
const MOST_METRICS: usize = 120;
const ROW: usize = 30;
const BOX: usize = 22;
const LEFT: usize = 10;
const MIDDLE: usize = 400;
const RIGHT: usize = 810;
const BREADTH: [usize; 3] = [300, 320, 240];
const WIDTH: usize = 1060;
/// Characters of a name that fit into a box.
const MOST_CHARACTERS: usize = 40;

/// Nodes of three columns and the lines between neighbours.
#[derive(Default)]
struct Graph {
    columns: [Vec<Node>; 3],
    /// From a row of a column to a row of the next: (column, from, to).
    edges: BTreeSet<(usize, usize, usize)>,
}

struct Node {
    name: String,
    class: &'static str,
}

pub(super) fn section(inventory: &Inventory, out: &mut String) {
    out.push_str("<section id=\"graph\"><h2>From sources to pages</h2>\n");
    if inventory.metrics.is_empty() {
        out.push_str("<p>There are no metrics.</p>\n</section>\n");
        return;
    }
    let graph = build(inventory);
    if inventory.metrics.len() > MOST_METRICS {
        // Writing to a string can't fail.
        let _ = writeln!(out, "<p>{MOST_METRICS} of {} metrics are drawn.</p>", inventory.metrics.len());
    }
    draw(&graph, out);
    out.push_str("</section>\n");
}

fn build(inventory: &Inventory) -> Graph {
    let mut order: Vec<usize> = (0..inventory.metrics.len()).collect();
    let carried = |at: &usize| inventory.metrics.get(*at).map_or(0, |metric| metric.carries.len());
    order.sort_by_key(|at| (carried(at) == 0, *at));
    order.truncate(MOST_METRICS);
    let mut graph = Graph::default();
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages: BTreeMap<usize, usize> = BTreeMap::new();
    for metric in order.iter().filter_map(|at| inventory.metrics.get(*at)) {
        let row = graph.columns[1].len();
        let class = if !metric.carries.is_empty() {
            "leaky"
        } else if metric.approved {
            "approved"
        } else {
            "plain"
        };
        graph.columns[1].push(Node { name: format!("{} ({})", metric.name, metric.kind), class });
        for (what, _, _) in &metric.carries {
            let columns = &mut graph.columns;
            let source = *sources.entry(what.clone()).or_insert_with(|| {
                columns[0].push(Node { name: what.clone(), class: "leaky" });
                columns[0].len() - 1
            });
            graph.edges.insert((0, source, row));
        }
        for page in &metric.shown_on {
            let columns = &mut graph.columns;
            let target = *pages.entry(*page).or_insert_with(|| {
                columns[2].push(Node { name: page_name(inventory, *page), class: "page" });
                columns[2].len() - 1
            });
            graph.edges.insert((1, row, target));
        }
    }
    graph
}

fn draw(graph: &Graph, out: &mut String) {
    let rows = graph.columns.iter().map(Vec::len).max().unwrap_or(0);
    let height = rows * ROW + 40;
    let _ = writeln!(
        out,
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"What flows into which metric, and which page shows it\">"
    );
    let left = [LEFT, MIDDLE, RIGHT];
    for (column, title) in ["what flows in", "metrics", "endpoints"].iter().enumerate() {
        let _ = writeln!(out, "<text class=\"title\" x=\"{}\" y=\"18\">{title}</text>", left[column]);
    }
    // Each column is centred on the tallest.
    let top = |column: usize, row: usize| 32 + (rows - graph.columns[column].len()) * ROW / 2 + row * ROW;
    for &(column, from, to) in &graph.edges {
        let (x1, x2) = (left[column] + BREADTH[column], left[column + 1]);
        let (y1, y2) = (top(column, from) + BOX / 2, top(column + 1, to) + BOX / 2);
        let bend = (x1 + x2) / 2;
        let _ = writeln!(
            out,
            "<path class=\"edge\" data-from=\"{column}-{from}\" data-to=\"{}-{to}\" \
             d=\"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}\"/>",
            column + 1
        );
    }
    for (column, nodes) in graph.columns.iter().enumerate() {
        for (row, node) in nodes.iter().enumerate() {
            let (x, y, breadth) = (left[column], top(column, row), BREADTH[column]);
            let _ = writeln!(
                out,
                "<g class=\"node {}\" data-node=\"{column}-{row}\" tabindex=\"0\"><title>{}</title>\
                 <rect x=\"{x}\" y=\"{y}\" width=\"{breadth}\" height=\"{BOX}\" rx=\"4\"/>\
                 <text x=\"{}\" y=\"{}\">{}</text></g>",
                node.class,
                html(&node.name),
                x + 8,
                y + 15,
                html(&short(&node.name))
            );
        }
    }
    out.push_str("</svg></div>\n");
}

fn short(name: &str) -> String {
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)),
        None => name.to_owned(),
    }
}
