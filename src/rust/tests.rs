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
