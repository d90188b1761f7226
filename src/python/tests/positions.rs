//! Spans are bytes, exact, and on character boundaries.

use super::unit;
use crate::program::OpKind;

#[test]
fn calls_and_copies_have_exact_spans() {
    let text = "def f(r):\n    größe = \"äöü\"; wert = r.labels(\"ß\", k=größe).inc(\n        1\n    )  # ü\n    return (r).x(wert)\n";
    let unit = unit(text);
    let mut seen = Vec::new();
    for block in &unit.functions[1].blocks {
        for op in &block.ops {
            if matches!(op.kind, OpKind::Call(_) | OpKind::Copy(_)) {
                seen.push(&text[op.span.range()]);
            }
        }
        seen.push(&text[block.end_span.range()]);
    }
    assert_eq!(
        seen,
        [
            "größe = \"äöü\"",
            "r.labels(\"ß\", k=größe)",
            "r.labels(\"ß\", k=größe).inc(\n        1\n    )",
            "wert = r.labels(\"ß\", k=größe).inc(\n        1\n    )",
            "(r).x(wert)",
            "return (r).x(wert)",
        ]
    );
}

#[test]
fn statements_are_heads_and_simple_statements() {
    let text = "@d  # :\ndef f(\n    a: int = {1: 2}[1],\n) -> 'x':\n    if (a  # why: not\n        ): b = 1; c = 2\n    elif b: pass\n    try: pass\n    except E as e: pass\n    with (a as b, c as d,): pass\n    match a:\n        case [1] if b: pass\nclass C(B, k={1: 2}):\n    x = 1\n";
    let shown: Vec<&str> = unit(text).statements.iter().map(|span| &text[span.range()]).collect();
    insta::assert_snapshot!(shown.join("\n----\n"), @"
    @d  # :
    def f(
        a: int = {1: 2}[1],
    ) -> 'x':
    ----
    if (a  # why: not
            ):
    ----
    b = 1
    ----
    c = 2
    ----
    elif b:
    ----
    pass
    ----
    try:
    ----
    pass
    ----
    except E as e:
    ----
    pass
    ----
    with (a as b, c as d,):
    ----
    pass
    ----
    match a:
    ----
    case [1] if b:
    ----
    pass
    ----
    class C(B, k={1: 2}):
    ----
    x = 1
    ");
}
