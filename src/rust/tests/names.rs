//! Names and items.

use super::*;
use crate::program::{Callee, Class};

/// The paths that a file mentions, in order.
fn paths(text: &str, module: &RustModule) -> Vec<String> {
    let unit = lower(&RustInput { file: FileId(0), text, module });
    let ops = unit.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
    ops.filter_map(|op| match &op.kind {
        OpKind::Path(path) => Some(path.to_string()),
        OpKind::Call(crate::program::Call { callee: Callee::Method(_, method), .. }) => Some(format!(".{method}")),
        OpKind::Construct { path, .. } => Some(format!("{path} {{}}")),
        _ => None,
    })
    .collect()
}

fn module(path: &str) -> RustModule {
    RustModule {
        path: path.to_owned(),
        crate_name: "shop".to_owned(),
        externs: Arc::new([("prom", "prometheus"), ("axum", "axum")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()),
        macro_crates: vec!["rocket".to_owned()],
        ..RustModule::default()
    }
}

#[test]
fn paths_resolve_through_uses() {
    let text = "use prom::{self, Counter as C, core::{Collector, *}};
        use axum::http::StatusCode; use crate::telemetry; use super::sibling::item; use self::inner::Deep as Deeper;
        use telemetry::count as bump; use std::collections::HashMap;
        mod inner { pub struct Deep; use super::C; fn f() { C::new(); super::g(); Deep; crate::root() } }
        fn g() {
            C::new(); prom::gather(); Collector::x(); StatusCode::NOT_FOUND; telemetry::track(); item(); Deeper; bump();
            HashMap::<u8, u8>::new(); String::from(1); Some(1); core::mem::take(2); ::axum::serve(); unknown_fn();
            serde::de::x(); log::info!(); whatever!(); println!(); g(); u64::MAX; Unknown::new();
            { use other::thing; thing(); fn thing2() {} thing2() }
        }";
    insta::assert_snapshot!(paths(text, &module("shop.pages.cards")).join("\n"), @r"
    shop.pages.cards.C.new
    shop.pages.cards.g
    shop.pages.cards.inner.Deep
    shop.root
    prometheus.Counter.new
    prometheus.gather
    prometheus.core.Collector.x
    axum.http.StatusCode.NOT_FOUND
    shop.telemetry.track
    shop.pages.sibling.item
    shop.pages.cards.inner.Deep
    shop.telemetry.count
    std.collections.HashMap.new
    std.string.String.from
    Some
    std.mem.take
    axum.serve
    prometheus.core.unknown_fn
    serde.de.x
    log.info!
    rocket.whatever!
    std.println!
    shop.pages.cards.g
    u64.MAX
    prometheus.core.Unknown.new
    other.thing
    shop.pages.cards.g.<locals>.thing2
    ");
}

#[test]
fn self_and_generics_stand_for_types() {
    let text = "struct Card { n: u8 } trait Tell { const MAX: u8 = 1; fn tell(&self) -> u8 { Self::MAX } }
        impl Card { const LIMIT: u8 = 2; fn new<T: Tell>() -> Self { T::make(); Self { n: Self::LIMIT } } }
        impl Tell for Card { fn tell(&self) -> u8 { self.n } }
        impl From<sqlx::Error> for Card { fn from(e: sqlx::Error) -> Self { Self::new() } }";
    insta::assert_snapshot!(paths(text, &module("shop.a")).join("\n"), @r"
    shop.a.Tell.MAX
    shop.a.Tell.make
    shop.a.Card.LIMIT
    shop.a.Card {}
    shop.a.Card.new
    ");
    let unit = lower(&RustInput { file: FileId(0), text, module: &module("shop.a") });
    let shown: Vec<String> = unit
        .impls
        .iter()
        .map(|block| {
            let of = block
                .of
                .as_ref()
                .map(|of| format!("{}{:?}", of.path, of.args.iter().map(|a| a.path.as_str()).collect::<Vec<_>>()));
            let names = |list: &[(crate::program::Name, crate::program::FuncId)]| {
                list.iter().map(|(name, id)| format!("{name}={}", unit.functions[id.index()].path)).collect::<Vec<_>>()
            };
            format!("{} {of:?} {:?} {:?}", block.ty.path, names(&block.methods), names(&block.consts))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    shop.a.Tell None [] ["MAX=shop.a.Tell.MAX"]
    shop.a.Card None ["new=shop.a.Card.new"] ["LIMIT=shop.a.Card.LIMIT"]
    shop.a.Card Some("shop.a.Tell[]") ["tell=shop.a.Card.tell"] []
    shop.a.Card Some("std.convert.From[\"sqlx.Error\"]") ["from=shop.a.Card.from"] []
    "#);
}

#[test]
fn macros_and_modules_may_be_called_like_functions() {
    let text = "use actix_web::get; use log::info; mod format {}
        #[get(\"/\")] fn get() { info!(\"x\"); format!(\"y\"); axum::run(); }
        fn info() {} fn axum() {}";
    assert_eq!(paths(text, &module("shop.a")), ["log.info!", "axum.run"]);
    let unit = lower(&RustInput { file: FileId(0), text, module: &module("shop.a") });
    assert_eq!(unit.functions[0].attributes[0].path.as_str(), "actix_web.get");
}

#[test]
fn known_paths_decide_between_globs_and_macro_crates() {
    let known = ["prometheus.Counter", "prometheus.register_counter!", "rocket.get"].map(crate::program::name);
    let module = RustModule {
        macro_crates: ["shade", "prometheus", "rocket"].map(str::to_owned).to_vec(),
        known: KnownPaths::new(move || known.into()),
        ..module("shop.a")
    };
    let text = "use prometheus::*; use axum::*; use super::*;
        #[get(\"/\")] fn f() { Counter::new(); register_counter!(1); Other::new(); shade!(2); }";
    assert_eq!(
        paths(text, &module),
        ["prometheus.Counter.new", "prometheus.register_counter!", "shop.Other.new", "shade.shade!"]
    );
    let unit = lower(&RustInput { file: FileId(0), text, module: &module });
    assert_eq!(unit.functions[0].attributes[0].path.as_str(), "rocket.get");
}

fn class_text(class: &Class) -> String {
    let attributes = |list: &[crate::program::Attribute]| {
        list.iter()
            .map(|a| {
                format!(
                    "#{}({})",
                    a.path,
                    a.args
                        .iter()
                        .map(|arg| format!("{}={}", arg.key.map_or("", |k| k.as_str()), arg.value))
                        .collect::<Vec<_>>()
                        .join(",")
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let fields = |list: &[crate::program::Field]| {
        list.iter()
            .map(|f| {
                format!("{}: {} {}", f.name, f.ty.as_ref().map_or("", |ty| ty.path.as_str()), attributes(&f.attributes))
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let variants: Vec<String> = class
        .variants
        .iter()
        .map(|v| format!("{} [{}] {}", v.name, fields(&v.fields), attributes(&v.attributes)))
        .collect();
    format!(
        "{:?} {} {} {{{}}} {variants:?} {:?}",
        class.kind,
        class.path,
        attributes(&class.attributes),
        fields(&class.fields),
        class.bases
    )
}

#[test]
fn types_keep_fields_and_attributes() {
    let text = "use serde::Serialize;
        #[derive(Debug, Serialize, prometheus_client::encoding::EncodeLabelSet)] #[serde(rename_all = \"camelCase\")]
        pub struct Card { #[serde(rename = \"no\", skip)] pub number: String, owner: Option<User> }
        struct Pair(u8, crate::b::C);
        #[repr(u8)] enum E { A, #[error(\"x {0}\")] B(#[from] io::Error), C { why: String } }
        trait Loud: Tell + Send {}";
    let unit = lower(&RustInput { file: FileId(0), text, module: &module("shop.a") });
    insta::assert_snapshot!(unit.classes.iter().map(class_text).collect::<Vec<_>>().join("\n"), @r#"
    Struct shop.a.Card #derive.Debug() #derive.Serialize() #derive.EncodeLabelSet() #serde(rename_all=camelCase) {number: std.string.String #serde(rename=no,skip=), owner: std.option.Option } [] []
    Struct shop.a.Pair  {0: u8 , 1: shop.b.C } [] []
    Enum shop.a.E #repr(u8=) {} ["A [] ", "B [0: io.Error #from()] #error(=x {0})", "C [why: std.string.String ] "] []
    Trait shop.a.Loud  {} [] ["shop.a.Tell", "std.marker.Send"]
    "#);
}

#[test]
fn functions_keep_attributes_and_tests_are_known() {
    let text = "use actix_web::get;
        #[get(\"/cards/{id}\", guard = \"x\")] pub async fn show() {}
        #[post(\"/cards\", data = \"<card>\")] fn add() {}
        #[tokio::main] async fn main() {}
        #[cfg(test)] mod tests { fn helper() {} #[test] fn t() {} }
        #[cfg(not(test))] fn real() {}
        #[tokio::test] async fn t2() {}";
    let unit = lower(&RustInput { file: FileId(0), text, module: &module("shop.a") });
    let line = |f: &crate::program::Function| {
        let attributes: Vec<String> = f
            .attributes
            .iter()
            .map(|a| {
                format!(
                    "{}{:?}",
                    a.path,
                    a.args.iter().map(|arg| (arg.key.map(|k| k.to_string()), arg.value.as_str())).collect::<Vec<_>>()
                )
            })
            .collect();
        format!("{} async={} pub={} test={} {attributes:?}", f.path, f.is_async, f.is_public, f.is_test)
    };
    insta::assert_snapshot!(unit.functions.iter().map(line).collect::<Vec<_>>().join("\n"), @r#"
    shop.a.show async=true pub=true test=false ["actix_web.get[(None, \"/cards/{id}\"), (Some(\"guard\"), \"x\")]"]
    shop.a.add async=false pub=false test=false ["rocket.post[(None, \"/cards\"), (Some(\"data\"), \"<card>\")]"]
    shop.a.main async=true pub=false test=false ["tokio.main[]"]
    shop.a.tests.helper async=false pub=false test=true []
    shop.a.tests.t async=false pub=false test=true ["test[]"]
    shop.a.real async=false pub=false test=false ["cfg[(Some(\"test\"), \"\")]"]
    shop.a.t2 async=true pub=false test=true ["tokio.test[]"]
    "#);
    let heads: Vec<&str> = unit.statements.iter().filter_map(|span| text.get(span.range())).collect();
    assert!(heads.contains(&"#[get(\"/cards/{id}\", guard = \"x\")] pub async fn show() "), "{heads:?}");
}

#[test]
fn associated_types_are_known_in_their_impl() {
    let text = "impl TryFrom<u8> for Card { type Error = sqlx::Error; fn try_from(n: u8) -> Result<Self, Self::Error> { Ok(Self) } }";
    let unit = lower(&RustInput { file: FileId(0), text, module: &module("shop.a") });
    let returns = unit.functions.first().and_then(|function| function.returns.clone()).unwrap();
    assert_eq!(returns.args.iter().map(|ty| ty.path.as_str()).collect::<Vec<_>>(), ["shop.a.Card", "sqlx.Error"]);
}
