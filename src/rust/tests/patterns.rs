//! Patterns.

use super::dump;

#[test]
fn patterns_test_and_take_apart() {
    insta::assert_snapshot!(dump(
        "enum Shape { Dot, Line(u8, u8), Box { w: u8, h: u8 } }
        use Shape::*;
        fn f(s: Shape) -> u8 {
            match s {
                Dot => 0,
                Line(1, b) | Line(b, -1) => b,
                Shape::Box { w, h: 2..=4 } => w,
                Shape::Box { .. } => 5,
                other @ Line(..) => area(other),
            }
        }"
    ), @r#"
    Function app.f(s)
    b0:
      %1 = test s Variant("app.Shape.Dot")
      if %1 goto b2 else b1
    b1:
      %4 = test s Variant("app.Shape.Line")
      if %4 goto b6 else b5
    b2:
      %2 = 0
      return %2
    b3:
      %13 = test s Variant("app.Shape.Box")
      if %13 goto b11 else b10
    b4:
      return b
    b5:
      %8 = test s Variant("app.Shape.Line")
      if %8 goto b8 else b3
    b6:
      %5 = extract s Field("app.Shape.Line", "0")
      %6 = 1
      %7 = test %5 Equals(Reg(6))
      if %7 goto b7 else b5
    b7:
      b = extract s Field("app.Shape.Line", "1")
      goto b4
    b8:
      b = extract s Field("app.Shape.Line", "0")
      %9 = extract s Field("app.Shape.Line", "1")
      %10 = -1
      %11 = test %9 Equals(Reg(10))
      if %11 goto b9 else b3
    b9:
      goto b4
    b10:
      %16 = test s Variant("app.Shape.Box")
      if %16 goto b14 else b13
    b11:
      w = extract s Field("app.Shape.Box", "w")
      %14 = extract s Field("app.Shape.Box", "h")
      %15 = test %14 Range
      if %15 goto b12 else b10
    b12:
      return w
    b13:
      %19 = test s Variant("app.Shape.Line")
      if %19 goto b16 else b15
    b14:
      %17 = 5
      return %17
    b15:
      unreachable
    b16:
      other = s
      %20 = path app.area
      %21 = call %20(other)
      return %21
    "#);
}

#[test]
fn slices_tuples_references_and_constants() {
    insta::assert_snapshot!(dump(
        "const LIMIT: u8 = 3;
        fn f(v: &[u8], t: (u8, &Option<u8>, u8)) {
            match v { [] => a(), [first, .., last] => b(first, last), [x, rest @ ..] => c(x, rest), }
            let (n, &Some(ref m), _) = t else { return };
            match n { LIMIT => d(), http::StatusCode::NOT_FOUND => e(), 'a' | \"b\" | true => g(), _ => {} }
            let Point { x, y: (z, ..) } = m;
            h(x, z);
        }"
    ), @r#"
    Initializer app.LIMIT()
    b0:
      %0 = 3
      return %0

    Function app.f(v, t)
    b0:
      %2 = test v Sequence { len: 0, open: false }
      if %2 goto b3 else b2
    b1:
      n = extract t Item(0)
      %19 = extract t Item(1)
      %20 = test %19 Variant("Some")
      if %20 goto b9 else b8
    b2:
      %7 = test v Sequence { len: 2, open: true }
      if %7 goto b5 else b4
    b3:
      %3 = path app.a
      %4 = call %3()
      goto b1
    b4:
      %12 = test v Sequence { len: 1, open: true }
      if %12 goto b7 else b6
    b5:
      first = extract v Item(0)
      last = extract v Item(-1)
      %8 = path app.b
      %9 = call %8(first, last)
      goto b1
    b6:
      unreachable
    b7:
      x = extract v Item(0)
      rest = extract v Rest
      %13 = path app.c
      %14 = call %13(x, rest)
      goto b1
    b8:
      %15 = ()
      return %15
    b9:
      m = extract %19 Field("Some", "0")
      %21 = path app.LIMIT
      %22 = test n Equals(Reg(21))
      if %22 goto b12 else b11
    b10:
      x = extract m Field("", "x")
      %39 = extract m Field("", "y")
      z = extract %39 Item(0)
      %40 = path app.h
      %41 = call %40(x, z)
      %42 = ()
      return %42
    b11:
      %25 = path http.StatusCode.NOT_FOUND
      %26 = test n Equals(Reg(25))
      if %26 goto b14 else b13
    b12:
      %23 = path app.d
      %24 = call %23()
      goto b10
    b13:
      %29 = "a"
      %30 = test n Equals(Reg(29))
      if %30 goto b18 else b17
    b14:
      %27 = path app.e
      %28 = call %27()
      goto b10
    b15:
      goto b10
    b16:
      %35 = path app.g
      %36 = call %35()
      goto b10
    b17:
      %31 = "b"
      %32 = test n Equals(Reg(31))
      if %32 goto b20 else b19
    b18:
      goto b16
    b19:
      %33 = true
      %34 = test n Equals(Reg(33))
      if %34 goto b21 else b15
    b20:
      goto b16
    b21:
      goto b16
    "#);
}

#[test]
fn parameters_are_taken_apart() {
    insta::assert_snapshot!(dump(
        "async fn f(State(ctx): State<Ctx>, Json(Card { number, .. }): Json<Card>, _: u8) { g(ctx, number) }
        fn g() { let h = |(a, b): (u8, u8), &c| a + b + c; h((1, 2), &3); }"
    ), @r#"
    Function app.f(%0, %1, %2)
    b0:
      ctx = extract %0 Field("", "0")
      %5 = extract %1 Field("", "0")
      number = extract %5 Field("", "number")
      %6 = path app.g
      %7 = call %6(ctx, number)
      return %7

    Function app.g()
    b0:
      h = closure f2()
      %2 = 1
      %3 = 2
      %4 = Tuple [%2, %3]
      %5 = 3
      %6 = call h(%4, %5)
      %7 = ()
      return %7

    Lambda app.g.<locals>.<lambda>(%0, %1)
    b0:
      a = extract %0 Item(0)
      b = extract %0 Item(1)
      c = %1
      %5 = a Add b
      %6 = %5 Add c
      return %6
    "#);
}

#[test]
fn written_tuples_are_matched_by_element() {
    insta::assert_snapshot!(dump(
        "fn f(req: Req, user: Result<u8, E>) {
            match (req.method(), req.path()) { (Method::GET, \"/a\") => a(), (_, other) => b(other) }
            let Ok(user) = user else { return log(user) };
            let (x, y) = (user, 1);
            c(x, y);
        }"
    ), @r#"
    Function app.f(req, user)
    b0:
      %2 = call req.method()
      %3 = call req.path()
      %4 = Tuple [%2, %3]
      %5 = path app.Method.GET
      %6 = test %2 Equals(Reg(5))
      if %6 goto b3 else b2
    b1:
      %18 = test user Variant("Ok")
      if %18 goto b6 else b5
    b2:
      other = %3
      %12 = path app.b
      %13 = call %12(other)
      goto b1
    b3:
      %7 = "/a"
      %8 = test %3 Equals(Reg(7))
      if %8 goto b4 else b2
    b4:
      %9 = path app.a
      %10 = call %9()
      goto b1
    b5:
      %14 = path app.log
      %15 = call %14(user)
      return %15
    b6:
      user = extract user Field("Ok", "0")
      %19 = 1
      %20 = Tuple [user, %19]
      x = user
      y = %19
      %23 = path app.c
      %24 = call %23(x, y)
      %25 = ()
      return %25
    "#);
}
