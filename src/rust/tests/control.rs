//! Control flow and closures.

use super::{dump, unit};
use crate::program::Terminator;
use crate::source::Span;

/// What the first function returns from, in order of the source.
fn returns(text: &str) -> Vec<&str> {
    let unit = unit(text);
    let blocks = unit.functions.iter().take(1).flat_map(|function| &function.blocks);
    let mut ends: Vec<Span> =
        blocks.filter(|block| matches!(block.end, Terminator::Return(_))).map(|block| block.end_span).collect();
    ends.sort_unstable();
    ends.into_iter().filter_map(|span| text.get(span.range())).collect()
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
      label = 1
      cell label^0 := label
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

#[test]
fn if_let_chains_and_let_else() {
    insta::assert_snapshot!(dump(
        "fn f(o: Option<u8>, r: R) -> u8 {
            let Some(a) = o else { return 0 };
            if let Ok(b) = r.get() && b > a || a == 1 { b } else if let Some(c) = o { c } else { a }
        }"
    ), @r#"
    Function app.f(o, r)
    b0:
      %5 = test o Variant("Some")
      if %5 goto b2 else b1
    b1:
      %2 = 0
      return %2
    b2:
      a = extract o Field("Some", "0")
      %6 = call r.get()
      %8 = test %6 Variant("Ok")
      if %8 goto b7 else b5
    b3:
      return b
    b4:
      %13 = test o Variant("Some")
      if %13 goto b10 else b9
    b5:
      %10 = 1
      %11 = a Eq %10
      if %11 goto b3 else b4
    b6:
      %9 = b Gt a
      if %9 goto b3 else b5
    b7:
      b = extract %6 Field("Ok", "0")
      goto b6
    b8:
      return c
    b9:
      return a
    b10:
      c = extract o Field("Some", "0")
      goto b8
    "#);
}

#[test]
fn match_arms_return_separately() {
    let text = "fn f(c: Code) -> u16 { match c.kind() { Kind::Lost | Kind::Gone if c.bad() => 404, Kind::Id(n @ 1..=9) => n, _ => { log(c); 200 } } }";
    insta::assert_snapshot!(dump(text), @r#"
    Function app.f(c)
    b0:
      %1 = call c.kind()
      %2 = test %1 Variant("app.Kind.Lost")
      if %2 goto b4 else b3
    b1:
      %7 = test %1 Variant("app.Kind.Id")
      if %7 goto b8 else b7
    b2:
      %4 = call c.bad()
      if %4 goto b6 else b1
    b3:
      %3 = test %1 Variant("app.Kind.Gone")
      if %3 goto b5 else b1
    b4:
      goto b2
    b5:
      goto b2
    b6:
      %5 = 404
      return %5
    b7:
      %10 = path app.log
      %11 = call %10(c)
      %12 = 200
      return %12
    b8:
      %8 = extract %1 Field("app.Kind.Id", "0")
      %9 = test %8 Range
      if %9 goto b9 else b7
    b9:
      n = %8
      return n
    "#);
    assert_eq!(returns(text), ["404", "n", "200"]);
}

#[test]
fn a_return_stands_where_it_is_written() {
    let text = "fn f(a: bool) -> R { if a { return Err(E); } g()?; return if a { x } else { y }; }";
    assert_eq!(returns(text), ["return Err(E)", "g()?", "x", "y"]);
}

#[test]
fn loops_with_labels_and_values() {
    insta::assert_snapshot!(dump(
        "fn f(xs: Vec<u8>) -> u8 {
            let found = 'outer: loop {
                for (i, x) in xs.iter().enumerate() {
                    if x == 0 { continue; }
                    while let Some(y) = next() { if y > x { break 'outer y; } else { continue 'outer; } }
                }
                break 1;
            };
            let block = 'b: { if found > 2 { break 'b 7; } 8 };
            block + found
        }"
    ), @r#"
    Function app.f(xs)
    b0:
      goto b1
    b1:
      %3 = call xs.iter()
      %4 = call %3.enumerate()
      %5 = iter %4
      goto b3
    b2:
      found = %2
      %25 = 2
      %26 = found Gt %25
      if %26 goto b16 else b17
    b3:
      for %6 in %5 goto b4 else b5
    b4:
      i = extract %6 Item(0)
      x = extract %6 Item(1)
      %10 = 0
      %11 = x Eq %10
      if %11 goto b6 else b7
    b5:
      %2 = 1
      goto b2
    b6:
      goto b3
    b7:
      goto b8
    b8:
      goto b9
    b9:
      %13 = path app.next
      %14 = call %13()
      %16 = test %14 Variant("Some")
      if %16 goto b12 else b11
    b10:
      %18 = y Gt x
      if %18 goto b13 else b14
    b11:
      goto b3
    b12:
      y = extract %14 Field("Some", "0")
      goto b10
    b13:
      %2 = y
      goto b2
    b14:
      goto b1
    b15:
      block = %24
      %30 = block Add found
      return %30
    b16:
      %24 = 7
      goto b15
    b17:
      goto b18
    b18:
      %24 = 8
      goto b15
    "#);
}

#[test]
fn shadowed_variables_have_cells_of_their_own() {
    insta::assert_snapshot!(dump(
        "fn f(label: String) {
            let label = label.len();
            let mut n = 0;
            let mut add = |by: usize| { n += by; label + n };
            let label = \"x\";
            let other = move || (move || g(label))();
            add(1);
            n = 2;
            h(n);
        }"
    ), @r#"
    Function app.f(label)
      cells: label, n, label#2
    b0:
      label = call label.len()
      cell label^0 := label
      n = 0
      cell n^0 := n
      add = closure f1()
      label = "x"
      cell label#2^0 := label
      other = closure f2()
      %11 = 1
      %12 = call add(%11)
      n = 2
      cell n^0 := n
      %14 = path app.h
      %21 = cell n^0
      %15 = call %14(%21)
      %16 = ()
      return %16

    Lambda app.f.<locals>.<lambda>(by)
    b0:
      %1 = cell n^1
      %2 = %1 Add= by
      cell n^1 := %2
      %3 = cell label^1
      %4 = cell n^1
      %5 = %3 Add %4
      return %5

    Lambda app.f.<locals>.<lambda>()
    b0:
      %0 = closure f3()
      %1 = call %0()
      return %1

    Lambda app.f.<locals>.<lambda>.<locals>.<lambda>()
    b0:
      %0 = path app.g
      %1 = cell label#2^2
      %2 = call %0(%1)
      return %2
    "#);
}

#[test]
fn async_blocks_run_when_awaited() {
    insta::assert_snapshot!(dump(
        "async fn f(id: u32) -> Result<u8, E> {
            let task = async move { let x = g(id).await?; Ok::<u8, E>(x) };
            spawn(async { h(id).await });
            task.await
        }"
    ), @r"
    Function app.f(id)
      cells: id
    b0:
      cell id^0 := id
      task = closure f1()
      %3 = path app.spawn
      %4 = closure f2()
      %5 = call %3(%4)
      %6 = await task
      return %6

    AsyncBlock app.f.<locals>.<async>()
    b0:
      %1 = path app.g
      %2 = cell id^1
      %3 = call %1(%2)
      %4 = await %3
      %5 = is ok %4
      if %5 goto b1 else b2
    b1:
      x = unwrap %4
      %8 = path Ok
      %9 = call %8(x)
      return %9
    b2:
      %6 = residual %4
      return %6

    AsyncBlock app.f.<locals>.<async>()
    b0:
      %0 = path app.h
      %1 = cell id^1
      %2 = call %0(%1)
      %3 = await %2
      return %3
    ");
}

#[test]
fn panics_raise_and_exits_end() {
    insta::assert_snapshot!(dump(
        "fn f(a: u8) -> u8 { if a == 1 { panic!(\"bad {a}\") } if a == 2 { std::process::exit(1) } match a {} }"
    ), @r#"
    Function app.f(a)
    b0:
      %1 = 1
      %2 = a Eq %1
      if %2 goto b1 else b2
    b1:
      %3 = format "bad " a
      %4 = path builtins.panic
      raise %4
    b2:
      goto b3
    b3:
      %6 = 2
      %7 = a Eq %6
      if %7 goto b4 else b5
    b4:
      %8 = path std.process.exit
      %9 = 1
      %10 = call %8(%9)
      unreachable
    b5:
      goto b6
    b6:
      unreachable
    "#);
}
