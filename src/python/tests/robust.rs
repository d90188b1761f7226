//! No file, however odd, may crash the front end or take long.

use std::fmt::Write as _;

use super::unit;
use crate::program::Unit;

fn problem(text: &str) -> String {
    unit(text).problems.iter().map(|problem| problem.message.clone()).collect()
}

fn ops(unit: &Unit) -> usize {
    unit.functions.iter().flat_map(|f| &f.blocks).map(|b| b.ops.len()).sum()
}

#[test]
fn nesting_beyond_reason_is_refused() {
    let deep = |open: &str, close: &str, count: usize| format!("x = {}1{}\n", open.repeat(count), close.repeat(count));
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("f'{", "}'"), ("a[", "]"), ("(\")\",", ")")]
    {
        assert_eq!(problem(&deep(open, close, 5_000)), "nested too deeply", "{open}");
    }
    for prefix in ["-", "not ", "await ", "lambda: ", "a if b else ", "2 ** ", "a.b ** ", "True ** ", "- -", "*"] {
        assert_eq!(problem(&deep(prefix, "", 100_000)), "nested too deeply", "{prefix}");
    }
    let mut blocks = String::new();
    for depth in 0..300 {
        let _ = writeln!(blocks, "{}if a:", " ".repeat(depth));
    }
    assert_eq!(problem(&format!("{blocks}{}pass\n", " ".repeat(300))), "nested too deeply");
    assert_eq!(problem(&"(".repeat(200_000)), "nested too deeply");
}

#[test]
fn nesting_within_reason_works() {
    let brackets = format!("x = {}1{}\n", "[".repeat(150), "]".repeat(150));
    assert_eq!(problem(&brackets), "");
    let mut blocks = String::new();
    for depth in 0..90 {
        let _ = writeln!(blocks, "{}{}", " ".repeat(depth), ["if a:", "def f():", "with a:", "try:"][depth % 4]);
    }
    let unit = unit(&format!("{blocks}{}pass\n", " ".repeat(90)));
    assert!(unit.functions.len() > 20);
}

#[test]
fn long_chains_work() {
    for (first, more) in [
        ("1", " + 1"),
        ("a", ".b"),
        ("a", ".b(c)"),
        ("a", "[0]"),
        ("a", "()"),
        ("a", " | b"),
        ("a", " < b"),
        ("a", " and b"),
        ("a", " if b for c in d"),
    ] {
        let text = format!("x = ({first}{})\n", more.repeat(10_000));
        let unit = unit(&text);
        assert!(unit.problems.is_empty() || more.contains("for"), "{more}");
        assert!(ops(&unit) > 9_000, "{more}");
    }
    let dict: String = (0..10_000).map(|at| format!("{at}: -{at},\n")).collect();
    assert!(ops(&unit(&format!("x = {{{dict}}}\n"))) > 20_000);
    let elifs: String = (0..5_000).map(|at| format!("elif a == {at}: b = {at}\n")).collect();
    assert!(ops(&unit(&format!("if a: pass\n{elifs}"))) > 15_000);
    let items = vec!["a as b"; 5_000].join(", ");
    assert!(ops(&unit(&format!("with {items}: pass\n"))) > 15_000);
}

#[test]
fn nested_finally_does_not_explode() {
    let mut text = String::from("def f():\n");
    for depth in 0..60 {
        let _ = writeln!(text, "{0}try: return g()\n{0}finally:", " ".repeat(depth + 1));
    }
    let _ = writeln!(text, "{}pass", " ".repeat(61));
    assert!(ops(&unit(&text)) < 2_000_000);
}

#[test]
fn the_first_syntax_error_is_told_and_the_rest_lowered() {
    let unit = unit("def f(:\n    pass\ndef g(a):\n    return a.b(1)\nx = = 2\n");
    assert_eq!(unit.problems.len(), 1);
    assert_eq!(unit.problems[0].span.start, 6);
    assert!(unit.functions.iter().any(|f| f.name.as_str() == "g"));
    assert_eq!(super::unit("print 'hello'\nexec code in d\n").problems.len(), 1);
}

#[test]
fn odd_files() {
    for text in [
        "",
        "\u{feff}x = 1\n",
        "\0",
        "x",
        "return 1\n",
        "break\ncontinue\n",
        "yield 1",
        "nonlocal x\n",
        "class C:\n",
        "def f(\n",
        "f'{",
        "f\"{a!}\"",
        "'''",
        "match x:\n case",
        "try:\n",
        "with\n",
        "del\n",
        "x = yield = 1",
        "for in : pass",
        "@\n",
        "if x\n  y",
        "lambda",
        "{**}",
        "f(*, **)",
        "a[",
        "import",
        "from . import",
        "from ..... import x",
        "\\",
        "\r\r\n",
        "é = ö.ü(ä)\n",
        "\t x\n  y\n",
        "def f(a, a): pass",
        "(a := b := c)",
        "[x := 1 for x in y]",
        "class C:\n [a := b for b in c]\n",
        "async\n",
        "%timeit x\n",
        "global x\ndel x\n",
        "def f():\n global f\n nonlocal f\n del f\n",
        "f(**a, *b, c=1, c=2)",
        "() = []",
        "*a = b",
        "a, *b, *c = d",
    ] {
        unit(text);
    }
}
