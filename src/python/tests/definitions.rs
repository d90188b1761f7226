//! Functions and classes as they are declared.

use super::{functions, module, unit};
use crate::program::{Program, name};
use crate::python::{PythonInput, lower, module_paths};
use crate::source::FileId;

#[test]
fn decorators_and_defaults() {
    insta::assert_snapshot!(module("
@first(1)
@second.third
def f(a, b=g(), *, c=2): pass
"), @"
    Module shop.m.<module>()
    b0:
      %0 = global first
      %1 = 1
      %2 = call %0(%1)
      %3 = global second
      %4 = %3.third
      %5 = global g
      %6 = call %5()
      %7 = 2
      %8 = closure f1(b=%6, c=%7)
      %9 = call %4(%8)
      %10 = call %2(%9)
      global f := %10
      %11 = None
      return %11
    ");
}

#[test]
fn generators_and_coroutines() {
    insta::assert_snapshot!(functions("
async def f(a):
    got = yield await a
    return
def g(a):
    return (yield from a)
"), @"
    Function shop.m.f(a)
    b0:
      %1 = await a
      %2 = yield %1
      got = %2
      %4 = None
      return %4
    Function shop.m.g(a)
    b0:
      %1 = yield from a
      return %1
    ");
}

#[test]
fn class_statement() {
    insta::assert_snapshot!(module("
@d
class C(Base, metaclass=Meta):
    x: int = 1
    def m(self): pass
"), @"
    Module shop.m.<module>()
    b0:
      %0 = global d
      %1 = global Base
      %2 = global Meta
      %3 = class c0(%1, metaclass=%2)
      %4 = call %0(%3)
      global C := %4
      %5 = None
      return %5
    ");
    insta::assert_snapshot!(functions("
class C(Base, metaclass=Meta):
    x: int = 1
    @property
    def m(self): pass
"), @"
    ClassBody shop.m.C()
    b0:
      %1 = 1
      x = %1
      class field x := x
      %2 = global property
      %3 = closure f2()
      %4 = call %2(%3)
      m = %4
      class field m := m
      %6 = None
      return %6
    Function shop.m.C.m(self)
    b0:
      %1 = None
      return %1
    ");
}

#[test]
fn class_members() {
    let unit = unit(
        "
from django import views as v
from .models import Base
class Local: pass
@v.register(\"a\", key=1)
class C(v.View, Base[int], Local, object):
    count: int
    if DEBUG:
        def old(self): pass
    def old(self): pass
    @property
    def p(self): pass
    @p.setter
    def p(self, value): pass
    @staticmethod
    def s(a): pass
    class Meta: pass
",
    );
    let class = &unit.classes[1];
    let shown = format!(
        "{} ({})\nfields {:?}\nmethods {:?}\nattributes {:?}\nfirst params {:?}\n{}",
        class.path,
        class.bases.iter().map(|base| base.as_str()).collect::<Vec<_>>().join(", "),
        class.fields.iter().map(|field| (field.name.as_str(), &field.ty)).collect::<Vec<_>>(),
        class.methods.iter().map(|(known, id)| (known.as_str(), id.0)).collect::<Vec<_>>(),
        class
            .attributes
            .iter()
            .map(|a| (a.path, a.args.iter().map(|arg| (arg.key, arg.value)).collect::<Vec<_>>()))
            .collect::<Vec<_>>(),
        class.methods.iter().map(|(_, id)| unit.functions[id.index()].params[0].kind).collect::<Vec<_>>(),
        unit.classes[2].path,
    );
    insta::assert_snapshot!(shown, @r#"
    shop.m.C (django.views.View, shop.models.Base, shop.m.Local, builtins.object)
    fields [("count", Some(TypeRef { path: "builtins.int", args: [] }))]
    methods [("old", 4), ("p", 5), ("p", 6), ("s", 7)]
    attributes [("django.views.register", [(None, "a"), (Some("key"), "1")])]
    first params [Receiver, Receiver, Receiver, Normal]
    shop.m.C.Meta
    "#);
}

fn types(text: &str) -> String {
    let unit = unit(text);
    let function = unit.functions.last();
    function
        .into_iter()
        .flat_map(|f| &f.params)
        .map(|param| format!("{}\n", param.ty.as_ref().map_or("-".to_owned(), show)))
        .collect()
}

fn show(ty: &crate::program::TypeRef) -> String {
    let args: Vec<String> = ty.args.iter().map(show).collect();
    if args.is_empty() { ty.path.to_string() } else { format!("{}<{}>", ty.path, args.join(", ")) }
}

#[test]
fn annotations() {
    insta::assert_snapshot!(types("
from typing import Optional, Annotated, List, Literal, Union
import typing as t
from fastapi import Header, params as p
try:
    from a import Card
except ImportError:
    from b import Card
class Local: pass
def f(
    a: Optional[Card], b: Local | None, c: 'List[str]', d: Annotated[str, Header(), p.X], e: dict[str, tuple[int, ...]],
    f: Literal['x', 'y'], g: Union[int, str, None], h: t.Callable[[int], str], i: Unknown.x, *j: int, k, **l: t.ClassVar[bytes],
): pass
"), @"
    Option<b.Card>
    Option<shop.m.Local>
    list<builtins.str>
    Annotated<builtins.str, fastapi.Header, fastapi.params.X>
    builtins.dict<builtins.str, tuple<builtins.int>>
    typing.Literal<x, y>
    Option<Union<builtins.int, builtins.str>>
    typing.Callable<list<builtins.int>, builtins.str>
    builtins.Unknown.x
    builtins.int
    -
    builtins.bytes
    ");
}

#[test]
fn local_types_stay_with_their_variables() {
    let unit = unit("from a import T\ndef f():\n    x: T = g()\n    y: int\n");
    let typed: Vec<String> = unit.functions[1]
        .regs
        .iter()
        .filter_map(|reg| Some(format!("{}: {}", reg.name?, reg.ty.as_ref()?.path)))
        .collect();
    assert_eq!(typed, ["x: a.T", "y: builtins.int"]);
}

#[test]
fn re_exports_are_uses() {
    let unit = unit("from .models import Card as C\nimport a.b\nfrom x import *\n");
    let uses: Vec<String> = unit.modules[0].uses.iter().map(|(bound, path)| format!("{bound}={path}")).collect();
    assert_eq!(uses, ["C=shop.models.Card", "a=a", "*=x"]);
}

#[test]
fn aliases_and_re_exports_lead_to_the_same_class() {
    let lowered = |file: u32, path: &str, text: &str| {
        let module_paths = module_paths(path, &|dir| dir == "src/shop");
        lower(&PythonInput { file: FileId(file), path, text, module_paths })
    };
    let program = Program::link(vec![
        lowered(0, "src/shop/cards.py", "class Card: pass\n"),
        lowered(1, "src/shop/__init__.py", "from .cards import Card as C\n"),
    ]);
    let card = program.class_at(name("src.shop.cards.Card"));
    assert!(card.is_some());
    assert_eq!(program.class_at(name("shop.cards.Card")), card);
    assert_eq!(program.class_at(name("shop.C")), card);
}
