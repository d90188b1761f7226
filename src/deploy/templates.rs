//! How are Helm and Jinja templates read? Their actions are masked, byte for byte, so that the rest is YAML in its place.

/// Stands for what only rendering would tell.
pub(super) const MASK: char = '\u{1}';

/// Actions that go on over more lines than this are taken for something else.
const MAX_LINES: usize = 40;

/// A text of the same length without template actions, and where they were.
#[derive(Debug, Clone, Default)]
pub(super) struct Masked {
    pub(super) text: String,
    /// Lines that are an action and nothing else, as offsets: what they bring in is not known.
    pub(super) actions: Vec<usize>,
}

/// Masks template actions; `None` when there are none.
pub(super) fn mask(text: &str) -> Option<Masked> {
    if !text.contains("{{") && !text.contains("{%") {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut masked = Masked::default();
    let mut at = 0;
    while let Some(start) = next_action(text, at) {
        let Some(end) = action_end(text, start) else {
            at = start + 2;
            continue;
        };
        let alone = stands_alone(text, start, end);
        let action = text.get(start..end).unwrap_or_default();
        if alone && brings_in(action) {
            masked.actions.push(start);
        }
        for byte in bytes.get_mut(start..end).into_iter().flatten() {
            *byte = match *byte {
                b'\n' | b'\r' => *byte,
                _ if alone => b' ',
                _ => MASK as u8,
            };
        }
        at = end;
    }
    masked.text = String::from_utf8(bytes).ok()?;
    Some(masked)
}

fn next_action(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let found = [rest.find("{{"), rest.find("{%"), rest.find("{#")].into_iter().flatten().min()?;
    Some(from + found)
}

/// The offset behind an action, quotes inside of it respected.
fn action_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let close = match rest.as_bytes().get(1)? {
        b'{' => "}}",
        b'%' => "%}",
        _ => "#}",
    };
    let is_comment = rest.trim_start_matches(['{', '-', ' ', '\n']).starts_with("/*") || close == "#}";
    let (mut quote, mut lines) = (None, 0);
    for (at, c) in rest.char_indices().skip(2) {
        if is_comment || quote.is_none() {
            if rest.get(at..).is_some_and(|tail| tail.starts_with(close)) {
                return Some(start + at + 2);
            }
            if matches!(c, '"' | '`') && !is_comment {
                quote = Some(c);
            }
        } else if quote == Some(c) {
            quote = None;
        }
        lines += usize::from(c == '\n');
        if lines > MAX_LINES {
            return None;
        }
    }
    None
}

/// Nothing else stands on the lines of an action.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let after = text.get(end..).and_then(|after| after.lines().next()).unwrap_or_default();
    before.trim().is_empty() && (after.trim().is_empty() || after.trim_start().starts_with("{{"))
}

/// An action that puts text in its place, not one that only steers.
fn brings_in(action: &str) -> bool {
    let inner = action.trim_start_matches(['{', '-', ' ', '%', '#']);
    let steers = ["if ", "else", "end", "range ", "with ", "define ", "/*", "for ", "set ", "block ", "$"];
    !steers.iter().any(|word| inner.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay() {
        let text = "a: {{ .Values.a }}\n{{- if .Values.b }}\nb: \"{{ \"}}\" }}x\"\n{{- end }}\n  {{ toYaml .c | nindent 2 }}\n";
        let masked = mask(text).unwrap();
        assert_eq!(masked.text.len(), text.len());
        let lines: Vec<&str> = masked.text.lines().map(str::trim_end).collect();
        assert!(lines[0].starts_with("a: \u{1}\u{1}") && lines[1].is_empty() && lines[3].is_empty());
        assert!(lines[2].starts_with("b: \"\u{1}") && lines[2].ends_with("\u{1}x\""));
        assert_eq!(masked.actions.len(), 1);
        assert!(mask("a: {b: {c: 1}}").is_none());
    }
}
