//! Can a call of a metric fail?

use super::effects::{Effects, Origins};
use crate::flow::Metric;
use crate::program::{Arg, ArgKind, Call, Callee, Const, OpKind, Syntax};

/// What can be said of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Soundness {
    /// It can't fail.
    Sound,
    /// Nothing is known.
    Unknown,
    /// It always fails: its labels are not the metric's.
    Broken,
}

/// Whether a recording into the metric works.
pub(super) fn soundness(origins: &Origins<'_>, effects: &dyn Effects, call: &Call, metric: &Metric) -> Soundness {
    let claims = origins.claims(call.callee, effects);
    if !claims.measures || !matches!(call.callee, Callee::Method(..)) {
        return Soundness::Unknown;
    }
    let is_spread = |arg: &Arg| matches!(arg.kind, ArgKind::Spread | ArgKind::SpreadKeywords);
    if call.args.iter().any(is_spread) {
        return Soundness::Unknown;
    }
    if claims.binds && !claims.binds_each {
        return Soundness::Unknown;
    }
    if claims.binds {
        return labels(call, metric, origins.syntax());
    }
    let harmless = |arg: &Arg| match origins.writer(arg.reg).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Int(number))) => *number >= 0,
        Some(OpKind::Const(Const::Float(bits))) => f64::from_bits(*bits) >= 0.0,
        Some(OpKind::Call(inner)) => {
            let inner = origins.claims(inner.callee, effects);
            inner.reads && !inner.fails && metric.kind != "counter"
        }
        _ => false,
    };
    if call.args.iter().all(harmless) { Soundness::Sound } else { Soundness::Unknown }
}

/// As many values as labels, or one for each by its name.
fn labels(call: &Call, metric: &Metric, syntax: Syntax) -> Soundness {
    if metric.labels.is_empty() || syntax == Syntax::Rust {
        return Soundness::Unknown;
    }
    let named: Vec<&str> = call
        .args
        .iter()
        .filter_map(|arg| match &arg.kind {
            ArgKind::Keyword(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let fits = if named.is_empty() {
        call.args.len() == metric.labels.len()
    } else {
        named.len() == call.args.len()
            && named.len() == metric.labels.len()
            && metric.labels.iter().all(|label| named.contains(&label.as_str()))
    };
    if fits { Soundness::Sound } else { Soundness::Broken }
}
