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
