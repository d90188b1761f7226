//! Parsing a file, whole or item by item.

use super::RustInput;
use super::items::Placed;
use super::lowering::Lowering;
use crate::program::Unit;

pub(super) fn lower(input: &RustInput<'_>) -> Unit {
    let mut lowering = Lowering::new(input);
    let (base, text) = body(input.text);
    match syn::parse_str::<syn::File>(text) {
        Ok(file) => {
            let items = file.items.into_iter().map(|item| Placed { base, fixed: None, item }).collect();
            let path = input.module.path.clone();
            lowering.enter_module(&path);
            lowering.items(items, &path);
            lowering.leave_module();
        }
        Err(error) => {
            lowering.base = base;
            let span = lowering.at(error.span());
            lowering.problem(span, &error.to_string());
        }
    }
    let unit = lowering.finish();
    proc_macro2::extra::invalidate_current_thread_spans();
    unit
}

/// The text behind the byte order mark and the `#!` line, and where it starts.
fn body(text: &str) -> (u32, &str) {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(start..).unwrap_or_default();
    if rest.starts_with("#!") && !rest.trim_start_matches("#!").trim_start().starts_with('[') {
        start += rest.find('\n').unwrap_or(rest.len());
    }
    (u32::try_from(start).unwrap_or(u32::MAX), text.get(start..).unwrap_or_default())
}
