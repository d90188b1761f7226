//! Whose variable is it?

use super::{functions, module, unit};

#[test]
fn closures_use_cells() {
    insta::assert_snapshot!(functions("
def outer(a, b):
    n = 0
    def inner():
        nonlocal n
        n += a
        return lambda: n
    return inner
"), @"
    Function shop.m.outer(a, b)
      cells: a, n
    b0:
      cell a^0 := a
      %2 = 0
      cell n^0 := %2
      %3 = closure f2()
      inner = %3
      return inner
    Function shop.m.outer.<locals>.inner()
    b0:
      %0 = cell n^1
      %1 = cell a^1
      %2 = %0 Add= %1
      cell n^1 := %2
      %3 = closure f3()
      return %3
    Lambda shop.m.outer.<locals>.inner.<locals>.<lambda>()
    b0:
      %0 = cell n^2
      return %0
    ");
}

#[test]
fn globals() {
    insta::assert_snapshot!(functions("
def f():
    global count
    count += 1
    other = count
    return print(other)
"), @"
    Function shop.m.f()
    b0:
      %0 = global count
      %1 = 1
      %2 = %0 Add= %1
      global count := %2
      %3 = global count
      other = %3
      %5 = global print
      %6 = call %5(other)
      return %6
    ");
}

#[test]
fn class_bodies_are_skipped() {
    insta::assert_snapshot!(functions("
def f():
    x = 1
    class C:
        x = 2
        y = x
        z = [x for _ in y]
        def m(self):
            return x
"), @"
    Function shop.m.f()
      cells: x
    b0:
      %0 = 1
      cell x^0 := %0
      %1 = class c0()
      C = %1
      %3 = None
      return %3
    ClassBody shop.m.f.<locals>.C()
    b0:
      %0 = 2
      x = %0
      class field x := x
      y = x
      class field y := y
      %3 = closure f3()
      %4 = call %3(y)
      %5 = List [*%4]
      z = %5
      class field z := z
      %7 = closure f4()
      m = %7
      class field m := m
      %9 = None
      return %9
    Comprehension shop.m.f.<locals>.C.<comprehension>(.0)
    b0:
      %1 = iter .0
      goto b1
    b1:
      for %2 in %1 goto b2 else b3
    b2:
      _ = %2
      %4 = cell x^2
      %5 = yield %4
      goto b1
    b3:
      %6 = None
      return %6
    Function shop.m.f.<locals>.C.m(self)
    b0:
      %1 = cell x^2
      return %1
    ");
}

#[test]
fn a_class_reads_the_outer_name_until_it_binds_it() {
    insta::assert_snapshot!(functions("
class C:
    Counter = Counter
    c = Counter()
"), @"
    ClassBody shop.m.C()
    b0:
      %0 = global Counter
      Counter = %0
      class field Counter := Counter
      %2 = call Counter()
      c = %2
      class field c := c
      %4 = None
      return %4
    ");
}

#[test]
fn comprehensions() {
    insta::assert_snapshot!(functions("
def f(rows, k):
    return {x: y + k for x, ys in rows if x for y in ys}
"), @"
    Function shop.m.f(rows, k)
      cells: k
    b0:
      cell k^0 := k
      %2 = closure f2()
      %3 = call %2(rows)
      %4 = Dict [*%3]
      return %4
    Comprehension shop.m.f.<locals>.<comprehension>(.0)
    b0:
      %1 = iter .0
      goto b1
    b1:
      for %2 in %1 goto b2 else b7
    b2:
      %3 = extract %2 Item(0)
      x = %3
      %5 = extract %2 Item(1)
      ys = %5
      if x goto b3 else b1
    b3:
      %7 = iter ys
      goto b4
    b4:
      for %8 in %7 goto b5 else b6
    b5:
      y = %8
      %10 = cell k^1
      %11 = y Add %10
      %12 = Tuple [x, %11]
      %13 = yield %12
      goto b4
    b6:
      goto b1
    b7:
      %14 = None
      return %14
    ");
}

#[test]
fn generator_expression() {
    insta::assert_snapshot!(functions("
def f(a):
    return sum(x async for x in a)
"), @"
    Function shop.m.f(a)
    b0:
      %1 = global sum
      %2 = closure f2()
      %3 = call %2(a)
      %4 = call %1(%3)
      return %4
    Comprehension shop.m.f.<locals>.<comprehension>(.0)
    b0:
      %1 = iter .0
      goto b1
    b1:
      for %2 in %1 goto b2 else b3
    b2:
      %3 = await %2
      x = %3
      %5 = yield x
      goto b1
    b3:
      %6 = None
      return %6
    ");
}

#[test]
fn walrus() {
    insta::assert_snapshot!(functions("
def f(a):
    if (n := len(a)) > 3:
        return g(n, (n := 4), n)
    return [last := x for x in a], last
"), @"
    Function shop.m.f(a)
      cells: last
    b0:
      %1 = global len
      %2 = call %1(a)
      n = %2
      %4 = 3
      %5 = n Gt %4
      if %5 goto b1 else b2
    b1:
      %6 = global g
      %7 = n
      %8 = 4
      n = %8
      %9 = call %6(%7, n, n)
      return %9
    b2:
      %10 = closure f2()
      %11 = call %10(a)
      %12 = List [*%11]
      %13 = cell last^0
      %14 = Tuple [%12, %13]
      return %14
    Comprehension shop.m.f.<locals>.<comprehension>(.0)
    b0:
      %1 = iter .0
      goto b1
    b1:
      for %2 in %1 goto b2 else b3
    b2:
      x = %2
      cell last^1 := x
      %4 = yield x
      goto b1
    b3:
      %5 = None
      return %5
    ");
}

#[test]
fn cells_are_sorted() {
    let unit = unit("def f(z, a, m):\n    return lambda: (m, z, a)\n");
    let cells: Vec<&str> = unit.functions[1].cells.iter().map(|cell| cell.as_str()).collect();
    assert_eq!(cells, ["a", "m", "z"]);
}

#[test]
fn type_parameters() {
    insta::assert_snapshot!(module("
class Box[T](Base[T]): pass
type Pair[A] = tuple[A, A]
"), @"
    Module shop.m.<module>()
    b0:
      %0 = global Base
      %1 = path typing.TypeVar
      %2 = %0[%1]
      %3 = class c0(%2)
      global Box := %3
      %4 = path typing.TypeAliasType
      global Pair := %4
      %5 = None
      return %5
    ");
}
