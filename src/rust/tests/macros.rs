//! Macros.

use super::{called, dump, unit};

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

#[test]
fn arguments_of_macros() {
    insta::assert_snapshot!(dump(
        "use metrics::counter;
        use prometheus::{opts, labels};
        fn f(id: u8, user: User) {
            counter!(target: \"t\", \"hits\", \"user\" => user.name, \"id\" => format!(\"{id:?}-{}\", user.id),).increment(1);
            prometheus::register_counter!(opts!(\"a\", \"b\", labels! {\"k\" => \"v\"}));
            tracing::info!(user.id = %user.id, ?user, \"seen {id}\", extra = 1);
            unknown!(some strange => => tokens);
            write!(out, \"{} {name}\", id, name = user.name)?;
        }"
    ), @r#"
    Function app.f(id, user)
    b0:
      %2 = "t"
      %3 = "hits"
      %4 = "user"
      %5 = user.name
      %6 = "id"
      %7 = user.id
      %8 = format id!r "-" %7
      %9 = path metrics.counter!
      %10 = call %9(target=%2, %3, %4 => %5, %6 => %8)
      %11 = 1
      %12 = call %10.increment(%11)
      %13 = "a"
      %14 = "b"
      %15 = "k"
      %16 = "v"
      %17 = path prometheus.labels!
      %18 = call %17(%15 => %16)
      %19 = path prometheus.opts!
      %20 = call %19(%13, %14, %18)
      %21 = path prometheus.register_counter!
      %22 = call %21(%20)
      %23 = user.id
      %24 = 1
      %25 = format "seen " id
      %26 = 1
      %27 = path tracing.info!
      %28 = call %27(user.id=%23, user, %25, extra=%26)
      %29 = path app.unknown!
      %30 = call %29()
      %31 = path app.out
      %32 = user.name
      %33 = format id " " %32
      %34 = path std.write!
      %35 = call %34(%31, %33)
      %36 = is ok %35
      if %36 goto b1 else b2
    b1:
      %38 = unwrap %35
      %39 = ()
      return %39
    b2:
      %37 = residual %35
      return %37
    "#);
}

#[test]
fn macros_of_the_language() {
    insta::assert_snapshot!(dump(
        "fn f(x: Option<u8>) -> anyhow::Result<u8> {
            if matches!(x, Some(n) if n > 1) { println!(\"yes {x:?}\"); }
            let list = vec![1, 2]; let many = vec![0; 8];
            let is = matches!(x, None | Some(0));
            assert_eq!(g(x), 1, \"message {}\", x);
            ensure!(x.is_some(), \"no x\");
            let body = json!({\"a\": x, \"b\": [1, null], key(): {\"c\": c::D}});
            let text = concat!(\"a\", \"b\");
            bail!(\"lost {}\", x)
        }"
    ), @r#"
    Function app.f(x)
    b0:
      %2 = test x Variant("Some")
      if %2 goto b4 else b2
    b1:
      %5 = format "yes " x!r
      %6 = path std.println!
      %7 = call %6(%5)
      goto b3
    b2:
      goto b3
    b3:
      %9 = 1
      %10 = 2
      list = List [%9, %10]
      %13 = 8
      %14 = 0
      many = List [%14; n]
      %18 = test x Variant("None")
      if %18 goto b10 else b9
    b4:
      n = extract x Field("Some", "0")
      %3 = 1
      %4 = n Gt %3
      if %4 goto b1 else b2
    b5:
      %17 = true
      goto b7
    b6:
      %17 = false
      goto b7
    b7:
      is = %17
      %25 = path app.g
      %26 = call %25(x)
      %27 = 1
      %28 = "message {}"
      %29 = ()
      %30 = call x.is_some()
      if %30 goto b13 else b14
    b8:
      goto b5
    b9:
      %19 = test x Variant("Some")
      if %19 goto b11 else b6
    b10:
      goto b8
    b11:
      %20 = extract x Field("Some", "0")
      %21 = 0
      %22 = test %20 Equals(Reg(21))
      if %22 goto b12 else b6
    b12:
      goto b8
    b13:
      %36 = ()
      %38 = "a"
      %39 = "b"
      %40 = 1
      %41 = None
      %42 = List [%40, %41]
      %43 = path app.key
      %44 = call %43()
      %45 = "c"
      %46 = path c.D
      %47 = Dict [%45: %46]
      body = Dict [%38: x, %39: %42, %44: %47]
      %50 = "a"
      %51 = "b"
      text = format %50 %51
      %53 = format "lost " x
      %54 = path app.bail!
      %55 = call %54(%53)
      %56 = path Err
      %57 = call %56(%55)
      return %57
    b14:
      %31 = format "no x"
      %32 = path app.ensure!
      %33 = call %32(%31)
      %34 = path Err
      %35 = call %34(%33)
      return %35
    "#);
}

#[test]
fn futures_together() {
    insta::assert_snapshot!(dump(
        "async fn f() {
            let (a, b) = tokio::join!(x(), y());
            tokio::select! { v = a => g(v), Some(w) = b, if ok => { h(w) } else => {} }
        }"
    ), @r#"
    Function app.f()
    b0:
      %0 = path app.x
      %1 = call %0()
      %2 = path app.y
      %3 = call %2()
      %4 = await %1
      %5 = await %3
      %6 = Tuple [%4, %5]
      a = extract %6 Item(0)
      b = extract %6 Item(1)
      %10 = path tokio.select!
      %11 = call %10()
      if %11 goto b2 else b3
    b1:
      return %9
    b2:
      %12 = await a
      v = %12
      %14 = path app.g
      %9 = call %14(v)
      goto b1
    b3:
      %16 = path tokio.select!
      %17 = call %16()
      if %17 goto b4 else b5
    b4:
      %18 = path app.ok
      %19 = await b
      %21 = test %19 Variant("Some")
      if %21 goto b6 else b5
    b5:
      goto b7
    b6:
      w = extract %19 Field("Some", "0")
      %22 = path app.h
      %9 = call %22(w)
      goto b1
    b7:
      %9 = ()
      goto b1
    "#);
}

#[test]
fn statics_in_macros_and_functions() {
    let text = "lazy_static! { pub static ref A: u8 = g(1); }
        thread_local! { static B: u8 = const { 2 }; }
        fn f() -> u8 { static C: u8 = h(); lazy_static::lazy_static! { static ref D: u8 = C; } *D }";
    insta::assert_snapshot!(dump(text), @r"
    Initializer app.A()
    b0:
      %0 = path app.g
      %1 = 1
      %2 = call %0(%1)
      return %2

    Initializer app.B()
    b0:
      %0 = 2
      return %0

    Function app.f()
    b0:
      %0 = path app.f.<locals>.D
      return %0

    Initializer app.f.<locals>.C()
    b0:
      %0 = path app.h
      %1 = call %0()
      return %1

    Initializer app.f.<locals>.D()
    b0:
      %0 = path app.f.<locals>.C
      return %0
    ");
    let modules = unit(text).modules;
    let statics = |at: usize| modules[at].statics.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
    assert_eq!(statics(0), ["A", "B"]);
    assert_eq!((modules[1].path.as_str(), statics(1)), ("app.f.<locals>", vec!["C", "D"]));
}
