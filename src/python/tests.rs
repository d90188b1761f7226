//! Snapshots of graphs, and hostile files.

use super::*;
use crate::program::dump_function;

fn unit(text: &str) -> Unit {
    let module_paths = module_paths("m.py", &|_| false);
    lower(&PythonInput { file: FileId(0), path: "m.py", text, module_paths })
}

/// The graphs of all functions of a module but its own body.
fn functions(text: &str) -> String {
    unit(text).functions.iter().skip(1).map(dump_function).collect()
}

fn module(text: &str) -> String {
    unit(text).functions.first().map(dump_function).unwrap_or_default()
}

#[test]
fn module_statements() {
    insta::assert_snapshot!(module("x = a.b(1, k=2)\nimport a.b.c\nif x == 3 and not y: pass\nelse: u = 1\n"), @"
    Module m.<module>()
    b0:
      %0 = global a
      %1 = 1
      %2 = 2
      %3 = call %0.b(%1, k=%2)
      global x := %3
      %4 = import a.b.c as a
      global a := %4
      %5 = global x
      %6 = 3
      %7 = %5 Eq %6
      if %7 goto b1 else b3
    b1:
      %8 = global y
      if %8 goto b3 else b2
    b2:
      goto b4
    b3:
      %9 = 1
      global u := %9
      goto b4
    b4:
      %10 = None
      return %10
    ");
}

#[test]
fn try_with_finally() {
    insta::assert_snapshot!(functions(
        "def f(a):\n  try:\n    return a\n  except (A, B) as e:\n    raise\n  finally:\n    g()\n"
    ), @"
    Function m.f(a)
    b0:  (raises to b2)
      %1 = a
      goto b1
    b1:
      %2 = global g
      %3 = call %2()
      return %1
    b2:  (raises to b5)
      %4 = caught
      %5 = global A
      %6 = global B
      %7 = Tuple [%5, %6]
      %8 = %4 matches %7
      if %8 goto b3 else b4
    b3:  (raises to b5)
      e = %4
      raise again
    b4:  (raises to b5)
      raise again
    b5:
      %10 = caught
      %11 = global g
      %12 = call %11()
      raise again
    ");
}
