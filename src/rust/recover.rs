//! Parsing a file: whole, or item by item where it does not parse; on a larger stack where it nests deeply.

use syn::Item;

use super::RustInput;
use super::items::Placed;
use super::lowering::Lowering;
use super::scan;
use crate::program::{SyntaxProblem, Unit};
use crate::source::Span;

/// Up to this bound of nesting and size a file is lowered on the caller's stack.
const CALM: usize = 120;
/// What may nest deeper than this is not parsed.
const TOO_DEEP: usize = 4_000;
/// Enough for [`TOO_DEEP`] levels.
const STACK: usize = 512 << 20;

/// Lowers a file.
pub(super) fn lower(input: &RustInput<'_>) -> Unit {
    let nesting = scan::nesting(input.text);
    let expands = input.text.contains("macro_rules!") || !input.module.macros.is_empty();
    if nesting <= CALM && !expands {
        return lower_here(input, nesting);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || lower_here(input, nesting));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(unit)) => unit,
            _ => {
                let mut unit = Lowering::new(input).finish();
                unit.problems.push(SyntaxProblem { span: Span::default(), message: TOO_DEEP_MESSAGE.to_owned() });
                unit
            }
        }
    })
}

const TOO_DEEP_MESSAGE: &str = "nested too deeply";

fn lower_here(input: &RustInput<'_>, nesting: usize) -> Unit {
    let mut lowering = Lowering::new(input);
    let (base, text) = body(input.text);
    let items = parse(&mut lowering, base, text, nesting);
    let path = input.module.path.clone();
    lowering.enter_module(&path);
    lowering.items(items, &path);
    lowering.leave_module();
    let unit = lowering.finish();
    // The tokens' source map is per thread and would keep the text of every file.
    proc_macro2::extra::invalidate_current_thread_spans();
    unit
}

/// The text behind the byte order mark and the `#!` line, and where it starts.
pub(crate) fn body(text: &str) -> (u32, &str) {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(start..).unwrap_or_default();
    if rest.strip_prefix("#!").is_some_and(|rest| !rest.trim_start().starts_with('[')) {
        start += rest.find('\n').unwrap_or(rest.len());
    }
    (offset(start), text.get(start..).unwrap_or_default())
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn parse(lowering: &mut Lowering<'_>, base: u32, text: &str, nesting: usize) -> Vec<Placed> {
    if nesting <= TOO_DEEP {
        match syn::parse_str::<syn::File>(text) {
            Ok(file) => return placed(base, file.items),
            Err(error) => {
                // A missing delimiter is reported at no place at all; the item that lacks it will do.
                let range = error.span().byte_range();
                if !range.is_empty() {
                    let span = Span::new(base + offset(range.start), base + offset(range.end));
                    lowering.problem(span, &error.to_string());
                }
            }
        }
    }
    let mut found = Vec::new();
    chunks(lowering, base, text, &mut found, false);
    found
}

fn placed(base: u32, items: Vec<Item>) -> Vec<Placed> {
    items.into_iter().map(|item| Placed { base, fixed: None, item }).collect()
}

/// Parses item by item. What fails is tried again with items that start at the margin, then without its bad members.
fn chunks(lowering: &mut Lowering<'_>, base: u32, text: &str, found: &mut Vec<Placed>, at_margin: bool) {
    for (from, to) in scan::items(text, at_margin) {
        let Some(chunk) = text.get(from..to) else { continue };
        let base = base + offset(from);
        match attempt(chunk) {
            Ok(items) => found.extend(placed(base, items)),
            Err(_) if !at_margin && scan::items(chunk, true).len() > 1 => chunks(lowering, base, chunk, found, true),
            Err((span, message)) => {
                if let Some(items) = without_bad_members(chunk) {
                    found.extend(placed(base, items));
                }
                lowering.problem(Span::new(base + span.start, base + span.end), &message);
            }
        }
    }
}

fn attempt(chunk: &str) -> Result<Vec<Item>, (Span, String)> {
    let first = Span::new(0, offset(chunk.chars().next().map_or(0, char::len_utf8)));
    if scan::nesting(chunk) > TOO_DEEP {
        return Err((first, TOO_DEEP_MESSAGE.to_owned()));
    }
    syn::parse_str::<syn::File>(chunk).map(|file| file.items).map_err(|error| {
        let range = error.span().byte_range();
        let span = if range.is_empty() { first } else { Span::new(offset(range.start), offset(range.end)) };
        (span, error.to_string())
    })
}

/// Parses a module, `impl` or trait with its bad members blanked out, so that all others keep their places.
fn without_bad_members(chunk: &str) -> Option<Vec<Item>> {
    let mut tokens = scan::Scanner::new(chunk).filter(|token| token.kind != scan::Kind::Punct);
    let kind = tokens.find_map(|token| match chunk.get(token.start..token.end) {
        Some(word @ ("impl" | "mod" | "trait")) => Some(word),
        _ => None,
    })?;
    let open = tokens.find(|token| token.first == b'{')?.end;
    let close = chunk.rfind('}').filter(|&close| close >= open)?;
    let inside = chunk.get(open..close)?;
    let mut patched = chunk.as_bytes().to_vec();
    let mut blanked = false;
    for (from, to) in scan::items(inside, false) {
        let member = inside.get(from..to)?;
        let fits = scan::nesting(member) <= TOO_DEEP
            && match kind {
                "impl" => syn::parse_str::<syn::ImplItem>(member).is_ok(),
                "trait" => syn::parse_str::<syn::TraitItem>(member).is_ok(),
                _ => syn::parse_str::<syn::File>(member).is_ok(),
            };
        if !fits {
            blanked = true;
            patched.get_mut(open + from..open + to)?.fill(b' ');
        }
    }
    let patched = String::from_utf8(patched).ok()?;
    blanked.then(|| attempt(&patched).ok()).flatten()
}
