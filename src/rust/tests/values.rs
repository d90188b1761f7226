//! Expressions, places, literals and types.

use super::{dump, unit};
use crate::program::{Place, TypeRef, name};

#[test]
fn assignments_reach_their_places() {
    insta::assert_snapshot!(dump(
        "fn f(s: &mut S, mut n: u8, resp: &mut R) {
            n = 1; n += 2; s.a.b = n; s.count += 1; s.v[0] = n; s.v[n] -= 1; *resp.status_mut() = Code::LOST;
            (n, s.a) = (1, 2); [_, n] = [1, 2]; *n *= 2;
        }"
    ), @r"
    Function app.f(s, n, resp)
    b0:
      n = 1
      %4 = 2
      %5 = n Add= %4
      n = %5
      %6 = s.a
      %6.b := n
      %7 = 1
      %8 = s.count
      %9 = %8 Add= %7
      s.count := %9
      %10 = s.v
      %11 = 0
      %10[%11] := n
      %12 = 1
      %13 = s.v
      %14 = %13[n]
      %15 = %14 Sub= %12
      %13[n] := %15
      %16 = path app.Code.LOST
      %17 = call resp.status_mut()
      *%17 := %16
      %18 = 1
      %19 = 2
      %20 = Tuple [%18, %19]
      %21 = extract %20 Item(0)
      n = %21
      %22 = extract %20 Item(1)
      s.a := %22
      %23 = 1
      %24 = 2
      %25 = List [%23, %24]
      %26 = extract %25 Item(1)
      n = %26
      %27 = 2
      %28 = n Mul= %27
      *n := %28
      %29 = ()
      return %29
    ");
}

#[test]
fn expressions_of_all_kinds() {
    insta::assert_snapshot!(dump(
        "fn f(a: u8, b: [u8; 2], s: &str) {
            g(-1, !a, -a, a as u64, b[0], &s[1..], 1..=a, [a; 3], (a, 0.5), (), b'x', b\"xy\", r#\"q\"#, 'c', 99999999999999999999);
            let p = P { x: 1, y, ..Default::default() };
            let both = a > 1 && b.len() < 2 || s.is_empty();
            let t = p.0.1;
            <P as Tr>::go(&p); Vec::<u8>::new(); unsafe { raw() };
            let n = s.parse::<u64>().unwrap();
        }"
    ), @r#"
    Function app.f(a, b, s)
    b0:
      %3 = path app.g
      %4 = -1
      %5 = Not a
      %6 = Number a
      %7 = path as.u64
      %8 = call %7(a)
      %9 = 0
      %10 = b[%9]
      %11 = 1
      %12 = slice s
      %13 = 1
      %14 = path std.ops.Range
      %15 = call %14(%13, a)
      %16 = List [a; n]
      %17 = 0.5
      %18 = Tuple [a, %17]
      %19 = ()
      %20 = 120
      %21 = b"xy"
      %22 = "q"
      %23 = "c"
      %24 = 1e20
      %25 = call %3(%4, %5, %6, %8, %10, %12, %15, %16, %18, %19, %20, %21, %22, %23, %24)
      %27 = 1
      %28 = path app.y
      %29 = path std.default.Default.default
      %30 = call %29()
      p = app.P {x: %27, y: %28, ..%30}
      %35 = 1
      %34 = a Gt %35
      if %34 goto b3 else b4
    b1:
      %33 = call s.is_empty()
      goto b2
    b2:
      both = %33
      %42 = p.0
      t = %42.1
      %44 = path app.P.go
      %45 = call %44(p)
      %46 = path std.vec.Vec.new
      %47 = call %46()
      %48 = path app.raw
      %49 = call %48()
      %51 = call s.parse()
      n = call %51.unwrap()
      %53 = ()
      return %53
    b3:
      %37 = call b.len()
      %38 = 2
      %34 = %37 Lt %38
      goto b4
    b4:
      %33 = %34
      if %33 goto b2 else b1
    "#);
}

#[test]
fn temporaries_know_where_they_were_read() {
    let unit = unit("fn f(s: &mut S) { s.buf.lock().push(1); STORE.write(); let b = &mut s.other; b.push(2); }");
    let function = &unit.functions[0];
    let places: Vec<Place> = function.regs.iter().filter_map(|reg| reg.place).collect();
    assert!(places.contains(&Place::Field(function.params[0].reg, name("buf"))));
    assert!(places.contains(&Place::Field(function.params[0].reg, name("other"))));
    assert!(places.contains(&Place::Global(name("app.STORE"))));
    assert!(places.iter().any(|place| matches!(place, Place::Through(_))));
    assert!(function.params[0].is_mut_ref);
}

fn shown(ty: &TypeRef) -> String {
    if ty.args.is_empty() {
        return ty.path.to_string();
    }
    format!("{}<{}>", ty.path, ty.args.iter().map(shown).collect::<Vec<_>>().join(", "))
}

#[test]
fn types_lose_references_and_owning_pointers() {
    let unit = unit(
        "use std::sync::{Arc, Mutex}; type Shared<T> = Arc<Mutex<T>>;
        fn f<T: Tell, U>(a: &mut Box<dyn Tell + Send>, b: Shared<Vec<u8>>, c: impl Into<String>, d: &[(u8, T)], e: U,
            f: fn(u8) -> u8, g: Option<&'static str>) -> Result<(), E> where U: Other {}",
    );
    let types: Vec<String> = unit.functions[0].params.iter().filter_map(|param| param.ty.as_ref()).map(shown).collect();
    insta::assert_snapshot!(types.join("\n"), @r"
    app.Tell
    std.sync.Mutex<std.vec.Vec<u8>>
    std.convert.Into<std.string.String>
    list<tuple<u8, app.Tell>>
    app.Other
    fn<u8>
    std.option.Option<str>
    ");
    assert_eq!(unit.functions[0].returns.as_ref().map(shown).as_deref(), Some("std.result.Result<tuple, app.E>"));
}
