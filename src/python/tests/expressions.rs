//! Values.

use super::module;

#[test]
fn calls() {
    insta::assert_snapshot!(module("a.b[0].c(1, *x, k=2, **y)(f)\n"), @"
    Module shop.m.<module>()
    b0:
      %0 = global a
      %1 = %0.b
      %2 = 0
      %3 = %1[%2]
      %4 = 1
      %5 = global x
      %6 = 2
      %7 = global y
      %8 = call %3.c(%4, *%5, k=%6, **%7)
      %9 = global f
      %10 = call %8(%9)
      %11 = None
      return %11
    ");
}

#[test]
fn strings() {
    insta::assert_snapshot!(module(r#"
a = "x" "y\n".encode() + b"z\xff"
b = f"a{b!r}b{c:>{w}}" "d" f"{e=}{f'{g}'}{h:d}"
c = t"{a} and"
d = "%s" % a
"#), @r#"
    Module shop.m.<module>()
    b0:
      %0 = "xy\n"
      %1 = call %0.encode()
      %2 = b"z�"
      %3 = %1 Add %2
      global a := %3
      %4 = global b
      %5 = global c
      %6 = global w
      %7 = format ">" %6
      %8 = path builtins.format
      %9 = call %8(%5, %7)
      %10 = global e
      %11 = global g
      %12 = format %11
      %13 = global h
      %14 = format "a" %4!r "b" %9 "de=" %10!r %12 %13
      global b := %14
      %15 = global a
      %16 = format %15 " and"
      global c := %16
      %17 = "%s"
      %18 = global a
      %19 = %17 Mod %18
      global d := %19
      %20 = None
      return %20
    "#);
}

#[test]
fn numbers_and_literals() {
    insta::assert_snapshot!(module("f(-1, 2.5, 99999999999999999999, 3j, None, ..., True, b'x', ~a, not a)\n"), @r#"
    Module shop.m.<module>()
    b0:
      %0 = global f
      %1 = -1
      %2 = 2.5
      %3 = 1e20
      %4 = 3.0
      %5 = None
      %6 = ...
      %7 = true
      %8 = b"x"
      %9 = global a
      %10 = Number %9
      %11 = global a
      %12 = Not %11
      %13 = call %0(%1, %2, %3, %4, %5, %6, %7, %8, %10, %12)
      %14 = None
      return %14
    "#);
}

#[test]
fn displays() {
    insta::assert_snapshot!(module("f([1, *a], (2,), {3, *b}, {'k': 4, **c})\n"), @r#"
    Module shop.m.<module>()
    b0:
      %0 = global f
      %1 = 1
      %2 = global a
      %3 = List [%1, *%2]
      %4 = 2
      %5 = Tuple [%4]
      %6 = 3
      %7 = global b
      %8 = Set [%6, *%7]
      %9 = "k"
      %10 = 4
      %11 = global c
      %12 = Dict [%9: %10, *%11]
      %13 = call %0(%3, %5, %8, %12)
      %14 = None
      return %14
    "#);
}

#[test]
fn subscripts() {
    insta::assert_snapshot!(module("f(a[i], a[1:n], a[1:, 2])\na[1:2] = b\n"), @"
    Module shop.m.<module>()
    b0:
      %0 = global f
      %1 = global a
      %2 = global i
      %3 = %1[%2]
      %4 = global a
      %5 = 1
      %6 = global n
      %7 = slice %4
      %8 = global a
      %9 = 1
      %10 = None
      %11 = None
      %12 = path builtins.slice
      %13 = call %12(%9, %10, %11)
      %14 = 2
      %15 = Tuple [%13, %14]
      %16 = %8[%15]
      %17 = call %0(%3, %7, %16)
      %18 = global b
      %19 = global a
      %20 = 1
      %21 = 2
      %22 = None
      %23 = path builtins.slice
      %24 = call %23(%20, %21, %22)
      %19[%24] := %18
      %25 = None
      return %25
    ");
}

#[test]
fn operators() {
    insta::assert_snapshot!(module("f(a + b * c, a // b, a @ b, a | b | c, a % b, a in b, a is not b)\n"), @"
    Module shop.m.<module>()
    b0:
      %0 = global f
      %1 = global a
      %2 = global b
      %3 = global c
      %4 = %2 Mul %3
      %5 = %1 Add %4
      %6 = global a
      %7 = global b
      %8 = %6 Div %7
      %9 = global a
      %10 = global b
      %11 = %9 Other %10
      %12 = global a
      %13 = global b
      %14 = %12 Or %13
      %15 = global c
      %16 = %14 Or %15
      %17 = global a
      %18 = global b
      %19 = %17 Mod %18
      %20 = global a
      %21 = global b
      %22 = %20 In %21
      %23 = global a
      %24 = global b
      %25 = %23 IsNot %24
      %26 = call %0(%5, %8, %11, %16, %19, %22, %25)
      %27 = None
      return %27
    ");
}

#[test]
fn imports() {
    insta::assert_snapshot!(module("
import a.b, c.d as e
from .x import y as z
from .. import w
from m import *
"), @"
    Module shop.m.<module>()
    b0:
      %0 = import a.b as a
      global a := %0
      %1 = import c.d as c.d
      global e := %1
      %2 = from shop.x import y
      global z := %2
      %3 = from  import w
      global w := %3
      from m import *
      %4 = None
      return %4
    ");
}
