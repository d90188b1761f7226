//! `overexposed config`.

use super::args::{ConfigOptions, InventoryFormat, Scope};
use super::{gather, knowledge, output};
use crate::config::{Found, Origin, Shown, defaults, schema};
use crate::error::Failure;
use crate::rules;

/// Prints what holds, and where it comes from; or what may be written.
pub(super) fn run(options: &ConfigOptions) -> Result<bool, Failure> {
    if options.schema {
        let known: Vec<(&str, &str)> = rules::ALL.iter().map(|rule| (rule.name, rule.summary)).collect();
        output::print(&format!("{:#}\n", schema(&known)))?;
        return Ok(false);
    }
    let found = gather::configuration(&options.scope)?;
    // What the entries mean is checked as well: a configuration that is shown can be used.
    knowledge::read(options.scope.rules.as_deref(), &found.config, found.path.as_deref(), &found.text)?;
    let shown = merged(&options.scope, &found)?;
    let path = found.path.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
    match options.output_format {
        InventoryFormat::Full => output::print(&format!("# configuration: {path}\n{}", shown.to_toml()))?,
        InventoryFormat::Json => output::print(&format!("{:#}\n", shown.to_json()))?,
    }
    Ok(false)
}

fn merged(scope: &Scope, found: &Found) -> Result<Shown, Failure> {
    let mut shown = Shown::default();
    standard(&mut shown);
    if let Some(path) = &found.path {
        shown.set_all(&path.display().to_string(), &found.text, &found.table);
    }
    let mut option = |key: &str, value: toml::Value, name: &str| {
        shown.set(key, value, Origin::Option(name.to_owned()));
    };
    if !scope.counters.is_empty() {
        option("count.approved", scope.counters.clone().into(), "--counter");
    }
    if let Some(counted) = scope.count_soft_404 {
        option("count-soft-404", counted.into(), "--count-soft-404");
    }
    if scope.include_tests {
        option("include-tests", true.into(), "--include-tests");
    }
    for (rule, level) in &scope.levels {
        if rules::by_name(rule).is_none() {
            return Err(super::rule::unknown(rule));
        }
        option(&format!("rules.{rule}"), level.word().into(), "--level");
    }
    Ok(shown)
}

/// What holds where nobody says anything.
fn standard(shown: &mut Shown) {
    let known = defaults();
    let mut put = |key: &str, value: toml::Value| shown.set(key, value, Origin::Default);
    put("fail-on", "warning".into());
    put("confidence", "low".into());
    put("pedantic", false.into());
    put("require-reason", true.into());
    put("include-tests", false.into());
    put("include", Vec::<toml::Value>::new().into());
    put("exclude", Vec::<toml::Value>::new().into());
    put("count.approved", known.count.approved.clone().into());
    put("count-soft-404", known.count.soft_404.into());
    put("count-framework-404", false.into());
    for rule in rules::ALL {
        put(&format!("rules.{}", rule.name), format!("{:?}", rule.severity).to_lowercase().into());
    }
}
