//! The findings of the page: a folded article each, with its flow as steps on the source.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::excerpt::excerpt;
use super::prose::{prose, spans};
use crate::finding::{Applicability, Finding, Fix};
use crate::report::diff;
use crate::report::escape::html;
use crate::report::view::{Item, View, name, word};
use crate::rules;

pub(super) fn section(view: &View<'_>, out: &mut String) {
    out.push_str("<section id=\"findings\"><h2>Findings</h2>\n");
    let mut groups: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    let items = if view.report.extras.show_allowed { view.gravest(view.all()) } else { view.gravest(view.shown()) };
    if items.is_empty() {
        out.push_str("<p class=\"good\">Nothing was found.</p>\n</section>\n");
        return;
    }
    let mut order: Vec<&str> = Vec::new();
    for item in items {
        let rule = item.finding.rule;
        if !groups.contains_key(rule) {
            order.push(rule);
        }
        groups.entry(rule).or_default().push(item);
    }
    controls(out);
    out.push_str("<div id=\"groups\">\n");
    for rule in &order {
        let items = groups.get(rule).map_or(&[][..], Vec::as_slice);
        // Writing to a string can't fail.
        let _ = writeln!(out, "<section class=\"group\"><h3>{} <span>{}</span></h3>", html(rule), items.len());
        items.iter().for_each(|item| article(view, item, out));
        out.push_str("</section>\n");
    }
    out.push_str("</div>\n");
    explanations(&order, out);
    out.push_str("</section>\n");
}

fn controls(out: &mut String) {
    out.push_str(
        "<div class=\"controls scripted\">\n\
         <label>Filter <input id=\"filter\" type=\"search\" placeholder=\"rule, file, text\" title=\"/\"></label>\n\
         <label>By <select id=\"by\"><option value=\"rule\">rule</option><option value=\"file\">file</option>\
         <option value=\"category\">category</option><option value=\"severity\">severity</option></select></label>\n\
         <button type=\"button\" id=\"open\" title=\"o\">Open all</button>\n\
         <span id=\"count\" role=\"status\"></span>\n\
         <span class=\"keys\"><kbd>j</kbd> <kbd>k</kbd> finding, <kbd>n</kbd> <kbd>p</kbd> step, <kbd>/</kbd> filter, \
         <kbd>o</kbd> open all, <kbd>t</kbd> theme</span>\n</div>\n",
    );
}

fn article(view: &View<'_>, item: &Item<'_>, out: &mut String) {
    let finding = item.finding;
    let category = finding.category.map_or("none".to_owned(), |category| name(&category));
    let (severity, path) = (word(finding.severity), html(item.path));
    let allowed = if finding.allowed.is_some() { " allowed" } else { "" };
    let _ = write!(
        out,
        "<details class=\"finding {severity}{allowed}\" id=\"f-{}\" data-rule=\"{}\" data-file=\"{path}\" \
         data-category=\"{category}\" data-severity=\"{severity}\">\n\
         <summary><b class=\"badge\">{severity}</b> <span class=\"what\">{}</span> \
         <span class=\"place\">{path}:{}:{}</span> <span class=\"rule\">{}</span></summary>\n",
        html(&item.fingerprint),
        html(finding.rule),
        spans(&finding.message),
        item.start.line,
        item.start.column,
        html(finding.rule),
    );
    facts(finding, out);
    steps(view, item, out);
    if !finding.help.is_empty() {
        let _ = writeln!(out, "<p class=\"help\"><b>What to do:</b> {}</p>", spans(&finding.help));
    }
    let fixes = finding.fix.iter().flat_map(|fix| std::iter::once(fix).chain(&fix.alternatives));
    fixes.for_each(|fix| mend(view, fix, out));
    out.push_str("</details>\n");
}

fn facts(finding: &Finding, out: &mut String) {
    let mut facts: Vec<(&str, String)> = vec![("confidence", name(&finding.confidence))];
    facts.extend(finding.category.map(|category| ("category", name(&category))));
    facts.extend(finding.channel.map(|channel| ("channel", name(&channel).replace('_', " "))));
    facts.extend(finding.metric.as_ref().map(|metric| ("metric", format!("{} ({})", metric.name, metric.kind))));
    facts.extend(finding.function.as_ref().map(|function| ("in", function.clone())));
    facts.extend(finding.allowed.as_ref().map(|reason| ("allowed", reason.clone())));
    out.push_str("<dl class=\"facts\">");
    for (key, value) in facts {
        let _ = write!(out, "<div><dt>{key}</dt><dd>{}</dd></div>", html(&value));
    }
    out.push_str("</dl>\n");
}

/// The steps of the flow, then the place of the finding itself.
fn steps(view: &View<'_>, item: &Item<'_>, out: &mut String) {
    let finding = item.finding;
    let label = if finding.label.is_empty() { &finding.message } else { &finding.label };
    let last = finding.flow.last().is_some_and(|step| step.at == finding.at);
    let end = (!last).then_some((finding.at, label.as_str()));
    let all: Vec<_> = finding.flow.iter().map(|step| (step.at, step.note.as_str())).chain(end).collect();
    out.push_str("<ol class=\"flow\">\n");
    for (number, (at, note)) in all.iter().enumerate() {
        let sink = if number + 1 == all.len() { " sink" } else { "" };
        let _ = writeln!(
            out,
            "<li class=\"step{sink}\" tabindex=\"-1\"><p><span class=\"place\">{}</span> {}</p>{}</li>",
            html(&view.line(*at)),
            spans(note),
            excerpt(view, *at)
        );
    }
    out.push_str("</ol>\n");
}

fn mend(view: &View<'_>, fix: &Fix, out: &mut String) {
    let kind = if fix.applicability == Applicability::Safe { "Fix" } else { "Unsafe fix" };
    let caveat = fix.caveat.as_ref().map_or(String::new(), |why| format!(" ({})", spans(why)));
    let _ = write!(out, "<details class=\"fix\"><summary>{kind}: {}{caveat}</summary>\n<pre>", spans(&fix.title));
    for line in diff::of_fix(view.report.sources, fix).lines() {
        let class = match line.as_bytes().first() {
            Some(b'+') => "add",
            Some(b'-') => "del",
            Some(b'@') => "hunk",
            _ => "same",
        };
        let _ = writeln!(out, "<span class=\"{class}\">{}</span>", html(line));
    }
    out.push_str("</pre></details>\n");
}

/// What the rules that found something say about themselves.
fn explanations(names: &[&str], out: &mut String) {
    out.push_str("<h3>The rules</h3>\n");
    for rule in names.iter().filter_map(|name| rules::by_name(name)) {
        let _ = write!(
            out,
            "<details class=\"about\" id=\"rule-{}\"><summary>{}: {}</summary>\n{}</details>\n",
            html(rule.name),
            html(rule.name),
            html(rule.summary),
            prose(&rule.markdown())
        );
    }
}
