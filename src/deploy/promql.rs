//! Which metrics does an expression name?

use std::collections::BTreeSet;

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{self, Expr, VectorSelector};

use super::templates::MASK;

/// Longer or deeper expressions are not read: they are not written by people.
const MAX_LENGTH: usize = 16_384;
const MAX_DEPTH: usize = 64;

/// Stands for what a variable holds.
const HOLE: &str = "hole__";

/// The metrics that an expression names; those whose name holds a variable are left out.
pub(super) fn names(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if expression.len() > MAX_LENGTH || depth(expression) > MAX_DEPTH {
        return found;
    }
    if let Some(inner) = queried(expression) {
        return names(inner);
    }
    let read = [HOLE, "1"].into_iter().find_map(|hole| parser::parse(&filled(expression, hole)).ok());
    match read {
        Some(parsed) => walk(&parsed, &mut found),
        None => scan(&filled(expression, HOLE), &mut found),
    }
    found.retain(|name| !name.contains(HOLE));
    found
}

/// The query in `label_values(metric, label)` and the like.
fn queried(expression: &str) -> Option<&str> {
    let text = expression.trim();
    let (function, rest) = text.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    match function.trim() {
        // With one argument it is a label of any metric.
        "label_values" => inner.rsplit_once(',').map(|(query, _)| query).or(Some("")),
        "query_result" => Some(inner),
        "metrics" | "label_names" => Some(""),
        _ => None,
    }
}

fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '{' | '[' | '-' | '+' => {
                now += 1;
                most = most.max(now);
            }
            ')' | '}' | ']' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// The expression with something in place of variables and templates.
fn filled(expression: &str, hole: &str) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(at) = rest.find(['$', MASK]).into_iter().chain(rest.find("[[")).min() {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        rest = rest.get(variable_length(rest)..).unwrap_or_default();
        let before = out.trim_end();
        let is_duration = before.ends_with(['[', ':']) || before.ends_with("offset");
        out.push_str(if is_duration {
            "5m"
        } else if takes_number(before) && rest.trim_start().starts_with(',') {
            "1"
        } else {
            hole
        });
        // A number in front of a unit, as in `[${minutes}m]`.
        if is_duration {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
        }
    }
    out.push_str(rest);
    out
}

/// Whether a number is what the call that was just opened takes first.
fn takes_number(before: &str) -> bool {
    let Some(call) = before.strip_suffix('(') else { return false };
    ["topk", "bottomk", "quantile", "limitk", "limit_ratio"].iter().any(|known| call.ends_with(known))
}

fn variable_length(text: &str) -> usize {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
    if let Some(inner) = text.strip_prefix("${") {
        return inner.find('}').map_or(2, |end| end + 3);
    }
    if let Some(inner) = text.strip_prefix("[[") {
        return inner.find("]]").map_or(2, |end| end + 4);
    }
    if text.starts_with(MASK) {
        return text.chars().take_while(|c| *c == MASK).count();
    }
    1 + word(text.get(1..).unwrap_or_default())
}

fn walk(expr: &Expr, found: &mut BTreeSet<String>) {
    match expr {
        Expr::Aggregate(one) => {
            walk(&one.expr, found);
            one.param.iter().for_each(|param| walk(param, found));
        }
        Expr::Unary(one) => walk(&one.expr, found),
        Expr::Binary(one) => {
            walk(&one.lhs, found);
            walk(&one.rhs, found);
        }
        Expr::Paren(one) => walk(&one.expr, found),
        Expr::Subquery(one) => walk(&one.expr, found),
        Expr::VectorSelector(one) => selector(one, found),
        Expr::MatrixSelector(one) => selector(&one.vs, found),
        Expr::Call(one) => one.args.args.iter().for_each(|arg| walk(arg, found)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn selector(one: &VectorSelector, found: &mut BTreeSet<String>) {
    found.extend(one.name.clone());
    found.extend(named(&one.matchers));
}

/// `{__name__="x"}`.
fn named(matchers: &Matchers) -> Vec<String> {
    let all = matchers.matchers.iter().chain(matchers.or_matchers.iter().flatten());
    all.filter(|one| one.name == "__name__" && matches!(one.op, MatchOp::Equal)).map(|one| one.value.clone()).collect()
}

/// Names in an expression that cannot be parsed: words in front of a selector or a range.
fn scan(text: &str, found: &mut BTreeSet<String>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let mut quote = None;
    let mut word = String::new();
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if is_part(c) => {
                word.push(c);
                continue;
            }
            None if matches!(c, '{' | '[') && word.contains('_') => {
                found.insert(std::mem::take(&mut word));
            }
            None => {}
        }
        word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        names(text).into_iter().collect()
    }

    #[test]
    fn variables_of_grafana_stand_for_something() {
        assert_eq!(named("sum by (le) (rate(a_b_bucket{x=~\"$x\"}[$__rate_interval]))"), ["a_b_bucket"]);
        assert_eq!(named("topk($n, sum by ($by) (rate(a_total[${w}]))) / b_total offset $o"), ["a_total", "b_total"]);
        assert_eq!(named("label_values(a_b{job=\"x\"}, instance)"), ["a_b"]);
        assert_eq!(named("${prefix}_requests_total + [[x]]_y"), Vec::<String>::new());
        assert_eq!(named("{__name__=\"a_b\", x=\"y\"} > 3"), ["a_b"]);
        assert_eq!(named("histogram_quantile(0.9, x:y:rate5m) and on() vector(1)"), ["x:y:rate5m"]);
    }

    #[test]
    fn hostile_expressions_are_left_alone() {
        assert!(named(&"(".repeat(10_000)).is_empty());
        assert!(named(&"-".repeat(10_000)).is_empty());
    }
}
