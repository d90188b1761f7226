//! What the constructs of the language become.

use super::*;
use crate::program::dump_function;

fn unit(text: &str) -> Unit {
    let module = RustModule { path: "app".to_owned(), crate_name: "app".to_owned(), ..RustModule::default() };
    lower(&RustInput { file: FileId(0), text, module: &module })
}

fn dump(text: &str) -> String {
    let unit = unit(text);
    assert_eq!(unit.problems, vec![]);
    unit.functions.iter().map(dump_function).collect::<Vec<_>>().join("\n")
}

#[test]
fn branches_return_from_their_own_tails_and_captures_are_cells() {
    insta::assert_snapshot!(dump(
        "fn f(x: u32) -> u32 { let label = 1; let g = || label + x; if x > 2 { g() } else { return Err(x)?; } }"
    ), @r"
    Function app.f(x)
      cells: x, label
    b0:
      cell x^0 := x
      %15 = 1
      cell label^0 := %15
      g = closure f1()
      %5 = 2
      %16 = cell x^0
      %6 = %16 Gt %5
      if %6 goto b1 else b2
    b1:
      %7 = call g()
      return %7
    b2:
      %8 = path Err
      %17 = cell x^0
      %9 = call %8(%17)
      %10 = is ok %9
      if %10 goto b3 else b4
    b3:
      %12 = unwrap %9
      return %12
    b4:
      %11 = residual %9
      return %11

    Lambda app.f.<locals>.<lambda>()
    b0:
      %0 = cell label^1
      %1 = cell x^1
      %2 = %0 Add %1
      return %2
    ");
}

/// The text of every call in the unit.
fn called(text: &str, unit: &Unit) -> Vec<String> {
    let ops = unit.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
    ops.filter(|op| matches!(op.kind, crate::program::OpKind::Call(_)))
        .map(|op| text.get(op.span.range()).unwrap_or("?").to_owned())
        .collect()
}

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

#[test]
fn own_macros_expand_where_they_are_called() {
    let text = "macro_rules! count { ($name:expr, $($label:expr),* $(,)?) => { REG.with($name, &[$($label),*]).inc() }; \
                ($name:ident) => { $name.inc() }; }\n\
                macro_rules! make { ($($name:ident = $text:literal;)+) => { $(static $name: C = C::new($text);)+ } }\n\
                make! { A = \"a\"; B = \"b\"; }\n\
                macro_rules! keep { ($v:ident, $e:expr) => { let $v = $e + 1; } }\n\
                fn f(x: u8) { count!(\"n\", x + 1, y); keep!(z, x); count!(z); }";
    insta::assert_snapshot!(dump(text), @r#"
    Initializer app.A()
    b0:
      %0 = path app.C.new
      %1 = "a"
      %2 = call %0(%1)
      return %2

    Initializer app.B()
    b0:
      %0 = path app.C.new
      %1 = "b"
      %2 = call %0(%1)
      return %2

    Function app.f(x)
    b0:
      %1 = path app.REG
      %2 = "n"
      %3 = 1
      %4 = x Add %3
      %5 = path app.y
      %6 = List [%4, %5]
      %7 = call %1.with(%2, %6)
      %8 = call %7.inc()
      %10 = 1
      z = x Add %10
      %12 = call z.inc()
      %13 = ()
      return %13
    "#);
    let unit = unit(text);
    assert!(called(text, &unit).contains(&"count!(\"n\", x + 1, y)".to_owned()));
}
