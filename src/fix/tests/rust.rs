use super::*;

fn strip(text: &str, starts: &[&str]) -> String {
    let (new, word) = stripped(text, Syntax::Rust, starts);
    format!("{new}--- {word}")
}

#[test]
fn a_static_goes_with_its_recordings_and_imports() {
    insta::assert_snapshot!(strip(
        r#"use std::sync::LazyLock;

use prometheus::{IntCounterVec, register_int_counter_vec, IntCounter, register_int_counter};

/// Who logs in.
static LOGINS: LazyLock<IntCounterVec> =
    LazyLock::new(|| register_int_counter_vec!("logins", "Logins", &["user"]).unwrap());

static HITS: LazyLock<IntCounter> = LazyLock::new(|| register_int_counter!("hits", "Hits").unwrap());

// Signs somebody in.
pub fn login(user: &str, ok: bool) -> bool {
    HITS.inc();

    if ok {
        LOGINS.with_label_values(&[user]).inc();
    }

    save(user);
    ok
}

fn save(_: &str) {}
"#,
        &["register_int_counter_vec!", "LOGINS"]
    ), @r#"
    use std::sync::LazyLock;

    use prometheus::{IntCounter, register_int_counter};

    static HITS: LazyLock<IntCounter> = LazyLock::new(|| register_int_counter!("hits", "Hits").unwrap());

    // Signs somebody in.
    pub fn login(user: &str, ok: bool) -> bool {
        HITS.inc();

        save(user);
        ok
    }

    fn save(_: &str) {}
    --- equal
    "#);
}

#[test]
fn a_field_goes_with_its_declaration_and_registration() {
    insta::assert_snapshot!(strip(
        r#"use prometheus::{IntCounterVec, Opts, Registry};

pub struct Metrics {
    logins: IntCounterVec,
    refusals: IntCounterVec,
}

impl Metrics {
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let logins = IntCounterVec::new(Opts::new("logins", "Logins"), &["user"])?;
        let refusals = IntCounterVec::new(Opts::new("refusals", "Refusals"), &["reason"])?;
        registry.register(Box::new(logins.clone()))?;
        registry.register(Box::new(refusals.clone()))?;
        Ok(Self { logins, refusals })
    }

    pub fn login(&self, user: &str) {
        self.logins.with_label_values(&[user]).inc();
    }

    pub fn refuse(&self, reason: &str) {
        self.refusals.with_label_values(&[reason]).inc();
    }
}
"#,
        &["IntCounterVec::new(Opts::new(\"logins", "self.logins"]
    ), @r#"
    use prometheus::{IntCounterVec, Opts, Registry};

    pub struct Metrics {
        refusals: IntCounterVec,
    }

    impl Metrics {
        pub fn new(registry: &Registry) -> prometheus::Result<Self> {
            let refusals = IntCounterVec::new(Opts::new("refusals", "Refusals"), &["reason"])?;
            registry.register(Box::new(refusals.clone()))?;
            Ok(Self { refusals })
        }

        pub fn login(&self, user: &str) {}

        pub fn refuse(&self, reason: &str) {
            self.refusals.with_label_values(&[reason]).inc();
        }
    }
    --- equal
    "#);
}

#[test]
fn forms_of_expressions() {
    insta::assert_snapshot!(strip(
        r#"use prometheus::{register_int_counter_vec, IntCounterVec};
use lazy_static::lazy_static;

lazy_static! {
    static ref HITS: prometheus::IntCounter = prometheus::register_int_counter!("hits", "h").unwrap();
    /// By user.
    static ref USERS: IntCounterVec = register_int_counter_vec!("users", "u", &["user"]).unwrap();
}

fn tail(user: &str) {
    USERS.with_label_values(&[user]).inc()
}

fn arm(user: Option<&str>) -> u8 {
    let label = user.unwrap_or("nobody").to_string();
    match user {
        Some(user) => USERS.with_label_values(&[user]).inc(),
        None => HITS.inc(),
    }
    if let Some(name) = user {
        // Who it was.
        USERS.with_label_values(&[name]).inc();
    }
    let bound = USERS.with_label_values(&[&label]);
    bound.inc();
    USERS.with_label_values(&[&fetch()]).inc();
    7
}

fn fetch() -> String {
    std::fs::read_to_string("x").unwrap()
}
"#,
        &["register_int_counter_vec!", "USERS", "bound.inc"]
    ), @r#"
    use lazy_static::lazy_static;

    lazy_static! {
        static ref HITS: prometheus::IntCounter = prometheus::register_int_counter!("hits", "h").unwrap();
    }

    fn tail(user: &str) {}

    fn arm(user: Option<&str>) -> u8 {
        let label = user.unwrap_or("nobody").to_string();
        match user {
            Some(user) => (),
            None => HITS.inc(),
        }
        7
    }

    fn fetch() -> String {
        std::fs::read_to_string("x").unwrap()
    }
    --- `shop.arm` would do something else
    "#);
}

#[test]
fn use_trees_stay_in_shape() {
    insta::assert_snapshot!(strip(
        r#"use prometheus::{self, core::{Collector, Desc}, register_int_counter};
use prometheus::{proto, IntCounter};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

static HITS: LazyLock<IntCounter> = LazyLock::new(|| register_int_counter!("hits", "Hits").unwrap());

pub fn hit(all: &HashMap<u8, Arc<proto::Metric>>, one: &dyn Collector, other: Desc) {
    HITS.inc(); // once
    // The rest is up to others.
}
"#,
        &["register_int_counter!", "HITS"]
    ), @r#"
    use prometheus::{self, core::{Collector, Desc}};
    use prometheus::proto;
    use std::{
        collections::HashMap,
        sync::Arc,
    };

    pub fn hit(all: &HashMap<u8, Arc<proto::Metric>>, one: &dyn Collector, other: Desc) {
        // The rest is up to others.
    }
    --- equal
    "#);
}

const TILL: &str = r#"use std::sync::LazyLock;
use prometheus::{IntCounter, IntCounterVec};

static BOUGHT: LazyLock<IntCounter> = LazyLock::new(|| register_int_counter!("bought", "Bought").unwrap());
static ORDERS: LazyLock<IntCounterVec> =
    LazyLock::new(|| register_int_counter_vec!("orders", "Orders", &["user"]).unwrap());

pub fn buy(store: &mut Store, card: &Card, who: &str) -> Result<u16, Error> {
    if card.spent {
        return Ok(404);
    }
    ORDERS.with_label_values(&[who]).inc();
    store.save(card)?;
    if store.lock(card) {
        ORDERS.with_label_values(&[who]).inc();
    }
    for item in &card.items {
        store.pack(item);
        ORDERS.with_label_values(&[who]).inc();
    }
    match store.send(card) {
        Some(place) => {
            ORDERS.with_label_values(&[who]).inc();
            place.put(card);
            BOUGHT.inc();
        }
        None => store.log("lost"),
    }
    Ok(200)
}
"#;

#[test]
fn the_proof_refuses_ten_wrong_cuts() {
    let starts = ["register_int_counter_vec!", "ORDERS"];
    let (right, word, gone) = cut(TILL, Syntax::Rust, &starts);
    assert_eq!(word, "equal", "{right}");
    let before = program(TILL, Syntax::Rust);
    let calls = calls(&before, TILL, &starts);
    // A wrong cut says that it is right: what it takes counts as touched.
    let judged = |text: &str, cut: &str| {
        let start = TILL.find(cut).unwrap_or(0);
        let more = Location::new(FileId(0), crate::source::Span::new(start as u32, (start + cut.len()) as u32));
        let touched: Vec<Location> = gone.iter().copied().chain([more]).collect();
        judge(&before, &program(text, Syntax::Rust), &calls, &touched).equal
    };
    assert!(judged(&right, ""), "{right}");
    let wrong = [
        ("one statement too many", "    store.save(card)?;\n", ""),
        ("a question mark", "store.save(card)?;", "store.save(card);"),
        ("a guard whose test does something", "    if store.lock(card) {}\n", ""),
        ("a guard around a return", "    if card.spent {\n        return Ok(404);\n    }\n", ""),
        ("a test turned round", "if card.spent", "if !card.spent"),
        ("the other counter's increment", "            BOUGHT.inc();\n", ""),
        ("another order", "place.put(card);\n            BOUGHT.inc();", "BOUGHT.inc();\n            place.put(card);"),
        ("a constant", "Ok(200)", "Ok(204)"),
        ("a text", "\"lost\"", "\"found\""),
        ("a loop's body", "        store.pack(item);\n", ""),
        ("an arm", "None => store.log(\"lost\")", "None => ()"),
        ("another argument", "place.put(card)", "place.put(who)"),
        ("another pattern", "Some(place) =>", "Ok(place) =>"),
    ];
    for (what, from, to) in wrong {
        let mutant = right.replacen(from, to, 1);
        assert_ne!(mutant, right, "{what}: nothing to break in\n{right}");
        assert!(!judged(&mutant, from), "{what} goes through:\n{mutant}");
    }
    let left = TILL.replacen("        ORDERS.with_label_values(&[who]).inc();\n    }\n    for", "    }\n    for", 1);
    assert!(!judged(&left, ""), "a recording that stays goes through");
}
