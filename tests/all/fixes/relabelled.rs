//! A label without bound costs the label, not the metric; and whatever else is handed to a metric stays.

use crate::support::{project, run};

const METRICS: &str = r#"from prometheus_client import Counter

# What people look for.
SEARCHES = Counter("shop_searches", "Searches", ["term", "result"])
PAGES = Counter("shop_pages", "Pages", ["path"])
"#;

const METRICS_FIXED: &str = r#"from prometheus_client import Counter

# What people look for.
SEARCHES = Counter("shop_searches", "Searches", ["result"])
PAGES = Counter("shop_pages", "Pages")
"#;

const VIEWS: &str = r#"from datadog import statsd
from django.http import HttpResponse
from opentelemetry import metrics

from .metrics import PAGES, SEARCHES as looked

meter = metrics.get_meter("shop")
asked = meter.create_counter("shop.asked")
answered = meter.create_counter("shop.answered")


def search(request):
    term = request.GET.get("q", "")
    PAGES.labels(request.path).inc()
    looked.labels(
        term=term,
        result="some",
    ).inc()
    attributes = {"kind": "word", "term": term}
    asked.add(1, attributes)
    answered.add(1, attributes=attributes)
    statsd.increment("shop.seen", tags=["kind:word", f"term:{term}"])
    return HttpResponse(term)
"#;

const VIEWS_FIXED: &str = r#"from datadog import statsd
from django.http import HttpResponse
from opentelemetry import metrics

from .metrics import PAGES, SEARCHES as looked

meter = metrics.get_meter("shop")
asked = meter.create_counter("shop.asked")
answered = meter.create_counter("shop.answered")


def search(request):
    term = request.GET.get("q", "")
    PAGES.inc()
    looked.labels(
        result="some",
    ).inc()
    attributes = {"kind": "word"}
    asked.add(1, attributes)
    answered.add(1, attributes=attributes)
    statsd.increment("shop.seen", tags=["kind:word"])
    return HttpResponse(term)
"#;

#[test]
fn labels_of_python() {
    let folder = project(&[("shop/__init__.py", ""), ("shop/metrics.py", METRICS), ("shop/views.py", VIEWS)]);
    let done = run(folder.path(), &["check", ".", "--fix"]);
    let text = |path: &str| std::fs::read_to_string(folder.path().join(path)).expect("a file");
    assert_eq!(text("shop/metrics.py"), METRICS_FIXED);
    assert_eq!(text("shop/views.py"), VIEWS_FIXED);
    assert!(done.status.success(), "{done:?}");
}

const RUST: &str = r#"use axum::extract::Request;
use opentelemetry::{global, KeyValue};
use prometheus::{register_histogram_vec, register_int_counter_vec, HistogramVec, IntCounterVec};
use std::sync::LazyLock;

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("requests", "Requests", &["path", "kind"]).unwrap()
});
static QUERIES: LazyLock<HistogramVec> =
    LazyLock::new(|| register_histogram_vec!("queries", "Queries", &["email"]).unwrap());

pub fn track(request: &Request, seen: &[u32]) -> usize {
    let path = request.uri().path();
    REQUESTS.with_label_values(&[path, "page"]).inc();
    let attributes = [KeyValue::new("kind", "page"), KeyValue::new("path", path.to_owned())];
    let meter = global::meter("site");
    meter.u64_counter("site.requests").with_description("Requests").build().add(1, &attributes);
    seen.len()
}

pub fn find(email: &str, seen: &mut Vec<u32>) -> usize {
    QUERIES.with_label_values(&[email]).observe_closure_duration(|| seen.drain(..).count())
}
"#;

const RUST_FIXED: &str = r#"use axum::extract::Request;
use opentelemetry::{global, KeyValue};
use prometheus::{register_int_counter_vec, IntCounterVec};
use std::sync::LazyLock;

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("requests", "Requests", &["kind"]).unwrap()
});

pub fn track(request: &Request, seen: &[u32]) -> usize {
    let path = request.uri().path();
    REQUESTS.with_label_values(&["page"]).inc();
    let attributes = [KeyValue::new("kind", "page")];
    let meter = global::meter("site");
    meter.u64_counter("site.requests").with_description("Requests").build().add(1, &attributes);
    seen.len()
}

pub fn find(email: &str, seen: &mut Vec<u32>) -> usize {
    (|| seen.drain(..).count())()
}
"#;

#[test]
fn labels_of_rust() {
    let manifest = "[package]\nname = \"site\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nprometheus = \"0.13\"\naxum = \"0.8\"\nopentelemetry = \"0.27\"\n";
    let folder = project(&[("Cargo.toml", manifest), ("src/lib.rs", RUST)]);
    run(folder.path(), &["check", ".", "--fix"]);
    let fixed = std::fs::read_to_string(folder.path().join("src/lib.rs")).expect("a file");
    assert_eq!(fixed, RUST_FIXED);
}
