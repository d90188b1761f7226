//! Exceptions and context managers.

use super::functions;

#[test]
fn try_except_else() {
    insta::assert_snapshot!(functions("
def f(a):
    try:
        x = g()
    except (A, B) as e:
        raise
    except C:
        x = 2
    else:
        h()
    return x
"), @"
    Function shop.m.f(a)
    b0:  (raises to b2)
      %1 = global g
      %2 = call %1()
      x = %2
      goto b1
    b1:
      %4 = global h
      %5 = call %4()
      goto b7
    b2:
      %6 = caught
      %7 = global A
      %8 = global B
      %9 = Tuple [%7, %8]
      %10 = %6 matches %9
      if %10 goto b3 else b4
    b3:
      e = %6
      raise again
    b4:
      %12 = global C
      %13 = %6 matches %12
      if %13 goto b5 else b6
    b5:
      %14 = 2
      x = %14
      goto b7
    b6:
      raise again
    b7:
      return x
    ");
}

#[test]
fn bare_except_in_a_loop() {
    insta::assert_snapshot!(functions("
def f(a):
    for x in a:
        try:
            g()
        except:
            continue
"), @"
    Function shop.m.f(a)
    b0:
      %1 = iter a
      goto b1
    b1:
      for %2 in %1 goto b2 else b6
    b2:
      x = %2
      goto b3
    b3:  (raises to b4)
      %4 = global g
      %5 = call %4()
      goto b5
    b4:
      %6 = caught
      goto b1
    b5:
      goto b1
    b6:
      goto b7
    b7:
      %7 = None
      return %7
    ");
}

#[test]
fn finally_runs_on_every_way_out() {
    insta::assert_snapshot!(functions("
def f(a):
    try:
        if a: return a
    except E:
        g()
    finally:
        a = done()
"), @"
    Function shop.m.f(a)
    b0:
      if a goto b1 else b3
    b1:  (raises to b4)
      %1 = a
      goto b2
    b2:
      %2 = global done
      %3 = call %2()
      a = %3
      return %1
    b3:  (raises to b4)
      goto b7
    b4:  (raises to b8)
      %4 = caught
      %5 = global E
      %6 = %4 matches %5
      if %6 goto b5 else b6
    b5:  (raises to b8)
      %7 = global g
      %8 = call %7()
      goto b7
    b6:  (raises to b8)
      raise again
    b7:
      %9 = global done
      %10 = call %9()
      a = %10
      goto b9
    b8:
      %11 = caught
      %12 = global done
      %13 = call %12()
      a = %13
      raise again
    b9:
      %14 = None
      return %14
    ");
}

#[test]
fn break_runs_what_is_inside_the_loop_only() {
    insta::assert_snapshot!(functions("
def f(a):
    try:
        while a:
            with b: break
    finally:
        done()
"), @"
    Function shop.m.f(a)
    b0:
      goto b1
    b1:  (raises to b6)
      if a goto b2 else b3
    b2:  (raises to b6)
      %1 = global b
      %2 = enter %1
      exit %1
      goto b4
    b3:  (raises to b6)
      goto b4
    b4:  (raises to b6)
      goto b5
    b5:
      %3 = global done
      %4 = call %3()
      goto b7
    b6:
      %5 = caught
      %6 = global done
      %7 = call %6()
      raise again
    b7:
      %8 = None
      return %8
    ");
}

#[test]
fn with_is_left_before_return() {
    insta::assert_snapshot!(functions("
def f(a):
    with lock, open(a) as file:
        return file.read()
"), @"
    Function shop.m.f(a)
    b0:
      %1 = global lock
      %2 = enter %1
      goto b1
    b1:  (raises to b8)
      %3 = global open
      %4 = call %3(a)
      %5 = enter %4
      goto b2
    b2:  (raises to b5)
      file = %5
      %7 = call file.read()
      goto b3
    b3:  (raises to b8)
      exit %4
      goto b4
    b4:
      exit %1
      return %7
    b5:  (raises to b8)
      %8 = caught
      %9 = exit %4 on exception
      if %9 goto b7 else b6
    b6:  (raises to b8)
      raise again
    b7:
      exit %1
      goto b10
    b8:
      %10 = caught
      %11 = exit %1 on exception
      if %11 goto b10 else b9
    b9:
      raise again
    b10:
      %12 = None
      return %12
    ");
}

#[test]
fn with_falls_through() {
    insta::assert_snapshot!(functions("
def f(a):
    with lock:
        g()
    h()
"), @"
    Function shop.m.f(a)
    b0:
      %1 = global lock
      %2 = enter %1
      goto b1
    b1:  (raises to b3)
      %3 = global g
      %4 = call %3()
      goto b2
    b2:
      exit %1
      goto b5
    b3:
      %5 = caught
      %6 = exit %1 on exception
      if %6 goto b5 else b4
    b4:
      raise again
    b5:
      %7 = global h
      %8 = call %7()
      %9 = None
      return %9
    ");
}

#[test]
fn raise_again_behind_an_inner_try() {
    insta::assert_snapshot!(functions("
def f():
    try:
        g()
    except A:
        try:
            h()
        except B:
            pass
        raise
"), @"
    Function shop.m.f()
    b0:  (raises to b1)
      %0 = global g
      %1 = call %0()
      goto b8
    b1:
      %2 = caught
      %3 = global A
      %4 = %2 matches %3
      if %4 goto b2 else b7
    b2:  (raises to b3)
      %5 = global h
      %6 = call %5()
      goto b6
    b3:
      %7 = caught
      %8 = global B
      %9 = %7 matches %8
      if %9 goto b4 else b5
    b4:
      goto b6
    b5:
      raise again
    b6:
      raise %2
    b7:
      raise again
    b8:
      %10 = None
      return %10
    ");
}
