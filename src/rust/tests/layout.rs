//! Crates and modules by the names of files.

use std::collections::BTreeMap;

use crate::program::dump_function;
use crate::rust::{CrateLayout, RustInput, RustModule, layout, lower};
use crate::source::FileId;

fn of(files: &[(&str, &str)]) -> CrateLayout {
    let texts: BTreeMap<&str, &str> = files.iter().copied().collect();
    let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    layout(&paths, &|path| texts.get(path).map(|text| (*text).to_owned()))
}

fn shown(layout: &CrateLayout) -> String {
    let line = |(path, module): (&str, &RustModule)| {
        format!("{path} -> {}{}", module.path, if module.is_test { " (test)" } else { "" })
    };
    layout.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn modules_belong_to_the_root_that_declares_them() {
    let layout = of(&[
        ("Cargo.toml", "[package]\nname = \"gift-shop\"\n[dependencies]\nprom = { package = \"prometheus\" }\n"),
        ("src/lib.rs", "pub mod cards;\n#[path = \"odd/place.rs\"]\nmod renamed;\n#[cfg(test)]\nmod tests;"),
        ("src/main.rs", "mod pages;\n#[macro_use]\nextern crate rocket;\nfn main() {}"),
        ("src/cards/mod.rs", ""),
        ("src/cards/deep/er.rs", ""),
        ("src/pages.rs", ""),
        ("src/odd/place.rs", ""),
        ("src/tests.rs", ""),
        ("src/bin/import.rs", ""),
        ("tests/buy.rs", "mod common;"),
        ("tests/common/mod.rs", ""),
        ("examples/tour.rs", ""),
        ("build.rs", ""),
    ]);
    insta::assert_snapshot!(shown(&layout), @r"
    build.rs -> gift_shop.<build>
    examples/tour.rs -> gift_shop.<tour>
    src/bin/import.rs -> gift_shop.<import>
    src/cards/deep/er.rs -> gift_shop.cards.deep.er
    src/cards/mod.rs -> gift_shop.cards
    src/lib.rs -> gift_shop
    src/main.rs -> gift_shop.<main>
    src/odd/place.rs -> gift_shop.renamed
    src/pages.rs -> gift_shop.<main>.pages
    src/tests.rs -> gift_shop.tests (test)
    tests/buy.rs -> gift_shop.<buy> (test)
    tests/common/mod.rs -> gift_shop.<buy>.common (test)
    ");
    let main = layout.module("src/pages.rs").unwrap();
    assert_eq!(main.externs.get("prom").map(String::as_str), Some("prometheus"));
    assert_eq!(main.externs.get("gift_shop").map(String::as_str), Some("gift_shop"));
    assert_eq!(main.macro_crates, ["rocket"]);
}

#[test]
fn workspaces_know_each_others_crates() {
    let layout = of(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\ntele = { path = \"tele-metry\" }\n"),
        ("web/Cargo.toml", "[package]\nname = \"web\"\n[dependencies]\ntele.workspace = true\n"),
        ("web/src/main.rs", ""),
        ("tele-metry/Cargo.toml", "[package]\nname = \"tele-metry\"\n[lib]\npath = \"lib.rs\"\nname = \"telemetry\"\n"),
        ("tele-metry/lib.rs", "mod inner;\n#[macro_export]\nmacro_rules! bump { () => { $crate::bump_it() } }"),
        ("tele-metry/inner.rs", ""),
    ]);
    insta::assert_snapshot!(shown(&layout), @r"
    tele-metry/inner.rs -> telemetry.inner
    tele-metry/lib.rs -> telemetry
    web/src/main.rs -> web
    ");
    let web = layout.module("web/src/main.rs").unwrap();
    assert_eq!(web.externs.get("tele").map(String::as_str), Some("telemetry"));
    let unit = lower(&RustInput { file: FileId(0), text: "fn f() { tele::bump!() }", module: web });
    assert!(dump_function(&unit.functions[0]).contains("path telemetry.bump_it"));
}

#[test]
fn folders_name_crates_without_a_manifest() {
    let layout = of(&[
        ("shop/src/main.rs", "mod a;"),
        ("shop/src/a.rs", ""),
        ("loose/b.rs", ""),
        ("c.rs", ""),
        ("other/Cargo.toml", "not toml ["),
        ("other/main.rs", ""),
    ]);
    insta::assert_snapshot!(shown(&layout), @r"
    c.rs -> app.c
    loose/b.rs -> loose.b
    other/main.rs -> other
    shop/src/a.rs -> shop.a
    shop/src/main.rs -> shop
    ");
}

#[test]
fn a_manifest_outside_of_the_files_is_read() {
    let read = |path: &str| (path == "Cargo.toml").then(|| "[package]\nname = \"shop\"\n".to_owned());
    let layout = layout(&["src/main.rs".to_owned()], &read);
    assert_eq!(layout.module("src/main.rs").map(|module| module.path.as_str()), Some("shop"));
}
