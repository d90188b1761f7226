//! `match`.

use super::functions;

#[test]
fn match_values() {
    insta::assert_snapshot!(functions("
def f(a):
    match a:
        case 1 | 2: return 'low'
        case Color.RED: pass
        case None if g(): pass
        case other: return other
"), @r#"
    Function shop.m.f(a)
    b0:
      %1 = 1
      %2 = test a Equals(Reg(1))
      if %2 goto b1 else b2
    b1:
      goto b4
    b2:
      %3 = 2
      %4 = test a Equals(Reg(3))
      if %4 goto b3 else b5
    b3:
      goto b4
    b4:
      %5 = "low"
      return %5
    b5:
      %6 = global Color
      %7 = %6.RED
      %8 = test a Equals(Reg(7))
      if %8 goto b6 else b7
    b6:
      goto b11
    b7:
      %9 = None
      %10 = test a Equals(Reg(9))
      if %10 goto b8 else b10
    b8:
      %11 = global g
      %12 = call %11()
      if %12 goto b9 else b10
    b9:
      goto b11
    b10:
      other = a
      return other
    b11:
      %14 = None
      return %14
    "#);
}

#[test]
fn match_sequences_and_mappings() {
    insta::assert_snapshot!(functions("
def f(a):
    match a:
        case [x, *rest, -1]: return x
        case {'k': v, **more}: return v
"), @r#"
    Function shop.m.f(a)
    b0:
      %1 = test a Sequence { len: 2, open: true }
      if %1 goto b1 else b3
    b1:
      %2 = extract a Item(0)
      %3 = extract a Rest
      %4 = extract a Item(-1)
      %5 = -1
      %6 = test %4 Equals(Reg(5))
      if %6 goto b2 else b3
    b2:
      x = %2
      rest = %3
      return x
    b3:
      %9 = test a Mapping
      if %9 goto b4 else b6
    b4:
      %10 = "k"
      %11 = test a HasKey(Reg(10))
      if %11 goto b5 else b6
    b5:
      %12 = extract a Key(Reg(10))
      %13 = extract a RestOfMapping
      v = %12
      more = %13
      return v
    b6:
      goto b7
    b7:
      %16 = None
      return %16
    "#);
}

#[test]
fn match_classes_and_the_subject_itself() {
    insta::assert_snapshot!(functions("
def f(a):
    match a:
        case Point(0, y=[z]) as p: return p
        case [a, 1] | (a, 2): return a
        case _: return rest
"), @"
    Function shop.m.f(a)
    b0:
      %1 = global Point
      %2 = test a Instance(Reg(1))
      if %2 goto b1 else b4
    b1:
      %3 = extract a Positional(0)
      %4 = 0
      %5 = test %3 Equals(Reg(4))
      if %5 goto b2 else b4
    b2:
      %6 = a.y
      %7 = test %6 Sequence { len: 1, open: false }
      if %7 goto b3 else b4
    b3:
      %8 = extract %6 Item(0)
      z = %8
      p = a
      return p
    b4:
      %11 = test a Sequence { len: 2, open: false }
      if %11 goto b5 else b7
    b5:
      %12 = extract a Item(0)
      %13 = extract a Item(1)
      %14 = 1
      %15 = test %13 Equals(Reg(14))
      if %15 goto b6 else b7
    b6:
      a = %12
      goto b10
    b7:
      %16 = test a Sequence { len: 2, open: false }
      if %16 goto b8 else b11
    b8:
      %17 = extract a Item(0)
      %18 = extract a Item(1)
      %19 = 2
      %20 = test %18 Equals(Reg(19))
      if %20 goto b9 else b11
    b9:
      a = %17
      goto b10
    b10:
      return a
    b11:
      %21 = global rest
      return %21
    ");
}
