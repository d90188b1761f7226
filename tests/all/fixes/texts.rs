//! The texts that fixes leave look as if the metric had never been there.

use std::process::{Command, Stdio};

use crate::support::{project, run};

const METRICS: &str = r#""""All metrics."""
from prometheus_client import Counter, Gauge

__all__ = ["LOGINS", "SEARCHES", "SIZES"]

LOGINS = Counter("shop_logins", "Logins")
# What people look for.
# Ask Ann before it goes.
SEARCHES = Counter("shop_searches", "Searches", ["phone"])

# Sizes, for the till.
SIZES = dict(
    small=Gauge("shop_small", "Small"),
    by_mail=Gauge("shop_mail", "By address", ["email"]),
)
"#;

const METRICS_FIXED: &str = r#""""All metrics."""
from prometheus_client import Counter, Gauge

__all__ = ["LOGINS", "SIZES"]

LOGINS = Counter("shop_logins", "Logins")

# Sizes, for the till.
SIZES = dict(
    small=Gauge("shop_small", "Small"),
)
"#;

const VIEWS: &str = r#"from django.http import HttpResponse

from .metrics import LOGINS, SEARCHES, SIZES


def login(request):
    LOGINS.inc(exemplar={"session_id": request.user.session_id})
    return HttpResponse("ok")


def suggest(request):
    # Is this wise? It counts who asks.
    SIZES["by_mail"].labels(request.user.email).inc()
    term = request.GET.get("phone", "")
    # Count it.
    SEARCHES.labels(phone=term).inc()

    # Now answer.
    try:
        answer = HttpResponse(term)
    finally:
        SIZES["by_mail"].labels(request.user.email).set(1)
    with SIZES["by_mail"].labels(request.COOKIES["email"]).track_inprogress():
        SIZES["small"].inc()
        return answer
"#;

const VIEWS_FIXED: &str = r#"from django.http import HttpResponse

from .metrics import LOGINS, SIZES


def login(request):
    LOGINS.inc()
    return HttpResponse("ok")


def suggest(request):
    term = request.GET.get("phone", "")

    # Now answer.
    answer = HttpResponse(term)
    request.COOKIES["email"]
    SIZES["small"].inc()
    return answer
"#;

/// The view keeps no word that makes a file worth reading: its new text must not be taken from disk again.
#[test]
fn of_python() {
    let folder = project(&[("shop/__init__.py", ""), ("shop/metrics.py", METRICS), ("shop/views.py", VIEWS)]);
    run(folder.path(), &["check", ".", "--fix"]);
    let text = |path: &str| std::fs::read_to_string(folder.path().join(path)).expect("a file");
    assert_eq!(text("shop/metrics.py"), METRICS_FIXED);
    assert_eq!(text("shop/views.py"), VIEWS_FIXED);
}

const RUST: &str = r#"use prometheus::{
    histogram_opts, register_histogram_vec, register_int_counter, Encoder, HistogramVec,
    IntCounter, Opts, TextEncoder,
};

pub struct Metrics {
    hits: IntCounter,
    /// By session.
    times: HistogramVec,
}

pub fn metrics() -> Metrics {
    Metrics {
        hits: register_int_counter!("hits", "Hits").unwrap(),
        times: register_histogram_vec!(histogram_opts!("times", "Times"), &["session_id"]).unwrap(),
    }
}

pub fn show(metrics: &Metrics, session_id: Option<&str>, all: &mut Vec<String>) -> Opts {
    let label = session_id.map(|id| id.trim()).unwrap_or("none");
    // How long it takes.
    let timer = metrics.times.with_label_values(&[label]).start_timer();

    metrics.hits.inc();
    if let Some(session_id) = session_id {
        metrics.times.with_label_values(&[session_id]).observe(1.0);
    } else {
        all.clear();
    }
    session_id.map(|id| metrics.times.with_label_values(&[id]).observe(1.0));

    // The page.
    let page = TextEncoder::new().encode_to_string(&prometheus::gather());
    drop(timer);
    all.extend(page.ok());
    Opts::new("a", "b")
}
"#;

const RUST_FIXED: &str = r#"use prometheus::{register_int_counter, Encoder, IntCounter, Opts, TextEncoder};

pub struct Metrics {
    hits: IntCounter,
}

pub fn metrics() -> Metrics {
    Metrics {
        hits: register_int_counter!("hits", "Hits").unwrap(),
    }
}

pub fn show(metrics: &Metrics, session_id: Option<&str>, all: &mut Vec<String>) -> Opts {
    metrics.hits.inc();
    if let Some(session_id) = session_id {
    } else {
        all.clear();
    }

    // The page.
    let page = TextEncoder::new().encode_to_string(&prometheus::gather());
    all.extend(page.ok());
    Opts::new("a", "b")
}
"#;

#[test]
fn of_rust() {
    let manifest = "[package]\nname = \"till\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nprometheus = \"0.13\"\n";
    let folder = project(&[("Cargo.toml", manifest), ("src/lib.rs", RUST)]);
    run(folder.path(), &["check", ".", "--fix"]);
    let fixed = std::fs::read_to_string(folder.path().join("src/lib.rs")).expect("a file");
    assert_eq!(fixed, RUST_FIXED);
    let file = folder.path().join("src/lib.rs");
    let formatted =
        Command::new("rustfmt").args(["--edition", "2021", "--check"]).arg(&file).stdin(Stdio::null()).output();
    let Ok(formatted) = formatted else { return eprintln!("not formatted: there is no rustfmt") };
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
}
