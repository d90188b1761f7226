//! Branches and loops.

use super::{functions, module};

#[test]
fn if_elif_else() {
    insta::assert_snapshot!(functions("
def f(a):
    if a == 1:
        x = 1
    elif a and not g(a):
        return 2
    else:
        x = 3
    return x
"), @"
    Function shop.m.f(a)
    b0:
      %1 = 1
      %2 = a Eq %1
      if %2 goto b1 else b2
    b1:
      %3 = 1
      x = %3
      goto b6
    b2:
      if a goto b3 else b5
    b3:
      %5 = global g
      %6 = call %5(a)
      if %6 goto b5 else b4
    b4:
      %7 = 2
      return %7
    b5:
      %8 = 3
      x = %8
      goto b6
    b6:
      return x
    ");
}

#[test]
fn while_else() {
    insta::assert_snapshot!(functions("
def f(a):
    while a < 3:
        if a: break
        if g(): continue
        a += 1
    else:
        h()
    return a
"), @"
    Function shop.m.f(a)
    b0:
      goto b1
    b1:
      %1 = 3
      %2 = a Lt %1
      if %2 goto b2 else b7
    b2:
      if a goto b3 else b4
    b3:
      goto b8
    b4:
      %3 = global g
      %4 = call %3()
      if %4 goto b5 else b6
    b5:
      goto b1
    b6:
      %5 = 1
      %6 = a Add= %5
      a = %6
      goto b1
    b7:
      %7 = global h
      %8 = call %7()
      goto b8
    b8:
      return a
    ");
}

#[test]
fn for_else() {
    insta::assert_snapshot!(functions("
def f(rows):
    for i, (a, *b) in rows:
        if a: break
    else:
        h()
"), @"
    Function shop.m.f(rows)
    b0:
      %1 = iter rows
      goto b1
    b1:
      for %2 in %1 goto b2 else b5
    b2:
      %3 = extract %2 Item(0)
      i = %3
      %5 = extract %2 Item(1)
      %6 = extract %5 Item(0)
      a = %6
      %8 = extract %5 Rest
      b = %8
      if a goto b3 else b4
    b3:
      goto b6
    b4:
      goto b1
    b5:
      %10 = global h
      %11 = call %10()
      goto b6
    b6:
      %12 = None
      return %12
    ");
}

#[test]
fn async_loops_and_with() {
    insta::assert_snapshot!(functions("
async def f(rows):
    async for row in rows:
        async with row as r:
            await r.go()
"), @"
    Function shop.m.f(rows)
    b0:
      %1 = iter rows
      goto b1
    b1:
      for %2 in %1 goto b2 else b8
    b2:
      %3 = await %2
      row = %3
      %5 = row
      %6 = enter %5
      %7 = await %6
      goto b3
    b3:  (raises to b5)
      r = %7
      %9 = call r.go()
      %10 = await %9
      goto b4
    b4:
      exit %5
      goto b7
    b5:
      %11 = caught
      %12 = exit %5 on exception
      if %12 goto b7 else b6
    b6:
      raise again
    b7:
      goto b1
    b8:
      goto b9
    b9:
      %13 = None
      return %13
    ");
}

#[test]
fn short_circuit_values() {
    insta::assert_snapshot!(functions("
def f(a, b):
    x = a or b
    return 1 < x <= b
"), @"
    Function shop.m.f(a, b)
    b0:
      if a goto b1 else b2
    b1:
      %2 = a
      goto b3
    b2:
      %2 = b
      goto b3
    b3:
      x = %2
      %4 = 1
      %6 = %4 Lt x
      %5 = %6
      if %6 goto b4 else b5
    b4:
      %7 = x LtE b
      %5 = %7
      goto b5
    b5:
      return %5
    ");
}

#[test]
fn chain_and_conditional() {
    insta::assert_snapshot!(functions("
def f(a, b):
    if 1 < a < b: return 'yes' if b else 'no'
"), @r#"
    Function shop.m.f(a, b)
    b0:
      %2 = 1
      %3 = %2 Lt a
      if %3 goto b1 else b6
    b1:
      %4 = a Lt b
      if %4 goto b2 else b6
    b2:
      if b goto b3 else b4
    b3:
      %6 = "yes"
      %5 = %6
      goto b5
    b4:
      %7 = "no"
      %5 = %7
      goto b5
    b5:
      return %5
    b6:
      %8 = None
      return %8
    "#);
}

#[test]
fn assert_raise_and_dead_code() {
    insta::assert_snapshot!(functions("
def f(a):
    assert a, 'no'
    raise E(a) from b
    def dead(): pass
    g()
"), @r#"
    Function shop.m.f(a)
    b0:
      if a goto b2 else b1
    b1:
      %1 = "no"
      %2 = path builtins.AssertionError
      %3 = call %2(%1)
      raise %3
    b2:
      %4 = global E
      %5 = call %4(a)
      %6 = global b
      raise %5
    "#);
}

#[test]
fn unpacking_and_augmented() {
    insta::assert_snapshot!(module("
a = b, *c, d = e
o.f += 1
o[k] -= 2
del a, o.f, o[k]
[x.y, z[0]] = e
"), @"
    Module shop.m.<module>()
    b0:
      %0 = global e
      global a := %0
      %1 = extract %0 Item(0)
      global b := %1
      %2 = extract %0 Rest
      global c := %2
      %3 = extract %0 Item(-1)
      global d := %3
      %4 = global o
      %5 = %4.f
      %6 = 1
      %7 = %5 Add= %6
      %4.f := %7
      %8 = global o
      %9 = global k
      %10 = %8[%9]
      %11 = 2
      %12 = %10 Sub= %11
      %8[%9] := %12
      unbind global a
      %13 = global o
      delete %13.f
      %14 = global o
      %15 = global k
      delete %14[%15]
      %16 = global e
      %17 = extract %16 Item(0)
      %18 = global x
      %18.y := %17
      %19 = extract %16 Item(1)
      %20 = global z
      %21 = 0
      %20[%21] := %19
      %22 = None
      return %22
    ");
}
