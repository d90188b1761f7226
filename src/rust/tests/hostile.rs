//! Positions, broken files and deep nesting.

use super::{called, unit};

#[test]
fn positions_are_bytes_of_the_original() {
    let text = "\u{feff}#!/usr/bin/env rust-script\r\n// Grüße 🍝\r\nfn f() {\r\n    let s = r#\"ü\"#; köche.zählen(s)\r\n}\r\n";
    assert_eq!(called(text, &unit(text)), ["köche.zählen(s)"]);
    // A second file on the same thread counts from zero again.
    let other = "fn é() { g(\"ö\"); h() }";
    assert_eq!(called(other, &unit(other)), ["g(\"ö\")", "h()"]);
}

#[test]
fn a_bad_item_costs_only_itself() {
    let text = "fn good() { a() }\nfn bad() { let = ; b() }\nimpl T { fn ok(&self) { c() } fn no(&self) { d(; } }\nfn last() { ü(1) }";
    let unit = unit(text);
    assert_eq!(called(text, &unit), ["a()", "c()", "ü(1)"]);
    assert_eq!(unit.problems.len(), 1);
    assert_eq!(unit.problems.first().map(|problem| problem.span.start), Some(33));
}

#[test]
fn a_missing_brace_costs_only_its_item() {
    let text = "fn good() { a() }\nfn bad() { if x { b() }\nfn last() { c() }\n";
    let unit = unit(text);
    assert_eq!(called(text, &unit), ["a()", "c()"]);
    assert_eq!(unit.problems.len(), 1);
}

#[test]
fn deep_nesting_is_survived() {
    let deep = |n: usize| {
        [
            format!("{}1{}", "(".repeat(n), ")".repeat(n)),
            format!("{}1", "!".repeat(n)),
            format!("1{}", " + 1".repeat(n)),
            format!("a{}", ".b()".repeat(n)),
            format!("a{}", ".b".repeat(n)),
            format!("a{}", "?".repeat(n)),
            format!("{}1{}", "{".repeat(n), "}".repeat(n)),
            format!("if a {{}}{} else {{}}", " else if b {}".repeat(n)),
            format!("{}1", "|| ".repeat(n)),
            format!("{}1{}", "vec![".repeat(n), "]".repeat(n)),
            format!("{}1", "a = ".repeat(n)),
            format!("1{}", " as u8".repeat(n)),
            format!("true{}", " && x".repeat(n)),
            format!("match a {{ {}b{} => 1 }}", "(".repeat(n), ")".repeat(n)),
            format!("{{ let x: {}u8{}; }}", "Vec<".repeat(n), ">".repeat(n)),
            format!("{}1{}", "json!([".repeat(n), "])".repeat(n)),
        ]
    };
    for n in [230, 1_000, 20_000] {
        for expr in deep(n) {
            let text = format!("fn f() {{ {expr} }}\nfn g() {{ h() }}");
            let unit = unit(&text);
            assert!(called(&text, &unit).contains(&"h()".to_owned()), "{}", &text[..60]);
        }
    }
}
