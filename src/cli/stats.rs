//! `--stats`: what each stage took, for whoever wonders where the time goes.

use std::time::Duration;

use crate::engine::{Stats, Step, Totals};

const STEPS: [(Step, &str); 9] = [
    (Step::Discover, "discover"),
    (Step::Select, "select"),
    (Step::Lower, "parse and lower"),
    (Step::Widen, "widen"),
    (Step::Deploy, "deployment"),
    (Step::Interpret, "interpret"),
    (Step::Judge, "judge"),
    (Step::Fix, "prove fixes"),
    (Step::Report, "report"),
];

/// A line for each stage and each count.
pub(super) fn table(stats: &Stats, totals: Totals, found: usize, findings: usize) -> String {
    let mut out = String::new();
    let mut line = |what: &str, value: String| out.push_str(&format!("{what:<17}{value:>12}\n"));
    for (step, what) in STEPS {
        if let Some((_, took)) = stats.times.iter().find(|(known, _)| *known == step) {
            line(what, milliseconds(*took));
        }
    }
    line("together", milliseconds(stats.times.iter().map(|(_, took)| *took).sum()));
    let counts = [
        ("files found", found),
        ("files read", totals.files),
        ("files selected", stats.selected),
        ("files widened", stats.widened),
        ("files parsed", totals.parsed),
        ("bytes parsed", stats.bytes),
        ("functions", stats.functions),
        ("operations", stats.operations),
        ("metrics", totals.metrics),
        ("404 paths", totals.not_found_paths),
        ("bounds hit", stats.limits),
        ("findings", findings),
    ];
    for (what, count) in counts {
        line(what, count.to_string());
    }
    out
}

fn milliseconds(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_and_count_has_a_line() {
        let mut stats = Stats { selected: 7, ..Stats::default() };
        stats.add(Step::Select, Duration::from_micros(1250));
        let table = table(&stats, Totals::default(), 9, 0);
        let starts: Vec<&str> = table.lines().map(|line| line[..17].trim_end()).collect();
        assert_eq!(starts[..3], ["select", "together", "files found"]);
        assert!(table.contains("select                 1.2 ms\n"), "{table}");
        assert!(table.contains("files selected              7\n"), "{table}");
    }
}
