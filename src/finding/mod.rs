//! What is reported: plain data that knows no input, no command line and no renderer.

use serde::Serialize;

use crate::source::Location;

/// How bad a finding is. The order is from harmless to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

/// How sure we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess from weak evidence.
    Low,
    /// Likely; hashes of secrets are of this kind.
    Medium,
    /// Certain as far as reading can tell.
    High,
}

/// Who wants to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Everybody.
    Default,
    /// Those who ask with `--pedantic`.
    Pedantic,
}

/// What kind of data is exposed, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Passwords, tokens, keys, session ids, their hashes.
    Credential,
    /// Card number, expiry, CVV, balance, account.
    Payment,
    /// User name or id, e-mail, phone, address, IP.
    Personal,
    /// Request bodies, headers, cookies, query strings, free text.
    Content,
}

/// Through which part of a metric it is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The name, namespace, subsystem or unit.
    Name,
    /// The help text.
    Help,
    /// The name of a label.
    LabelName,
    /// The value of a label.
    LabelValue,
    /// The number.
    Value,
    /// An exemplar.
    Exemplar,
    /// An info metric.
    Info,
    /// The state of an enum metric.
    State,
    /// A grouping key of a push.
    GroupingKey,
}

/// One step of the way from a source to a sink.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowStep {
    /// Where.
    pub at: Location,
    /// What happens there, in the reader's terms.
    pub note: String,
}

/// The metric that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MetricRef {
    /// Full name, with `{holes}` where it is not constant.
    pub name: String,
    /// `counter`, `gauge`, `histogram`, `summary`, `info`, `enum`, `untyped`.
    pub kind: String,
}

/// Whether a fix may be applied without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Proved not to change anything else.
    Safe,
    /// Not proved; somebody has to look.
    Unsafe,
}

/// Replaces the bytes of a place by a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced (empty: an insertion).
    pub at: Location,
    /// What stands there afterwards.
    pub text: String,
}

/// A set of edits that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// Whether it may be applied without looking.
    pub applicability: Applicability,
    /// Why it is not safe; `None` for a safe fix.
    pub caveat: Option<String>,
    /// The edits, sorted, not overlapping.
    pub edits: Vec<Edit>,
    /// What was found out about it.
    pub proof: Option<ProofNote>,
    /// Other ways to mend the same finding.
    pub alternatives: Vec<Fix>,
    /// Alert rules and dashboards that name a metric which the fix takes away.
    pub references: Vec<FixReference>,
    /// What nothing uses any more after the fix, and which stays: functions and dependencies, in words.
    pub unused: Vec<String>,
}

/// Something outside of the code that names a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixReference {
    /// Where.
    pub at: Location,
    /// The name.
    pub name: String,
    /// What names it: `alert`, `recording rule`, `dashboard`.
    pub kind: String,
}

/// What was found out about a fix before it was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofNote {
    /// The programs before and after are equal but for the metrics.
    pub equal: bool,
    /// Why not.
    pub why: Option<String>,
    /// The audit of the new text does not have the finding any more.
    pub gone: bool,
    /// The rule of a finding that the new text has and the old one had not.
    pub new: Option<&'static str>,
    /// A second parser accepts the new text where it accepted the old one.
    pub witness: bool,
}

/// A finding. The primary place is a must: a finding without one can't be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's kebab-case name.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Who wants it.
    pub tier: Tier,
    /// What is exposed, for exposures.
    pub category: Option<Category>,
    /// Through which part, for exposures.
    pub channel: Option<Channel>,
    /// The headline: one fact, lower case, no full stop.
    pub message: String,
    /// What stands at the primary place in `full` output: why here.
    pub label: String,
    /// What to do, in the imperative; empty where there is nothing to say.
    pub help: String,
    /// The primary place.
    pub at: Location,
    /// The function around it.
    pub function: Option<String>,
    /// The metric it is about.
    pub metric: Option<MetricRef>,
    /// From the source to the sink; for a 404 the branches that lead to it.
    pub flow: Vec<FlowStep>,
    /// How to mend it: the first is the default.
    pub fix: Option<Fix>,
    /// The reason given by an allow comment.
    pub allowed: Option<String>,
}
