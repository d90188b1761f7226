//! Rust programs: metrics kept in all sorts of ways, among calls that must stay.

use super::dice::Dice;
use super::writer::{Grammar, Writer};

const KEPT: &[(&str, &str)] = &[
    (
        "/// Logins.\nstatic LEAK: LazyLock<IntCounterVec> =\n    LazyLock::new(|| register_int_counter_vec!(\"leak\", \"Logins\", &[\"user\"]).unwrap());\n",
        "LEAK.with_label_values(&[@])",
    ),
    (
        "fn leak() -> &'static IntCounterVec {\n    static CELL: OnceLock<IntCounterVec> = OnceLock::new();\n    CELL.get_or_init(|| register_int_counter_vec!(\"leak\", \"Logins\", &[\"user\"]).unwrap())\n}\n",
        "leak().with_label_values(&[@])",
    ),
    (
        "lazy_static! {\n    static ref LEAK: IntCounterVec = register_int_counter_vec!(\"leak\", \"Logins\", &[\"user\"]).unwrap();\n    static ref OTHER: IntCounter = register_int_counter!(\"other\", \"Others\").unwrap();\n}\n",
        "LEAK.with_label_values(&[@])",
    ),
    (
        "static LEAK: LazyLock<IntCounterVec> =\n    LazyLock::new(|| register_int_counter_vec!(\"leak\", \"Logins\", &[\"user\", \"kind\"]).unwrap());\n",
        "LEAK.with_label_values(&[@, \"web\"])",
    ),
];

const VALUES: &[&str] = &[
    "&form.password",
    "form.password.as_str()",
    "&format!(\"u-{}\", form.password)",
    "&form.password.trim().to_lowercase()",
    "form.token.as_deref().unwrap_or(\"none\")",
    "form.token.as_deref().unwrap()",
    "&form.passwords[0]",
    "&fetch_password(form)",
    "&form.password.clone()",
];

/// A program, the same for the same seed.
pub(super) fn program(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let (definition, reach) = KEPT[dice.roll(KEPT.len() as u64) as usize];
    let mut out = String::from(
        "//! A generated shop.\n\nuse std::sync::atomic::{AtomicU32, Ordering};\nuse std::sync::{LazyLock, OnceLock};\n\nuse lazy_static::lazy_static;\nuse prometheus::{IntCounter, IntCounterVec, register_int_counter, register_int_counter_vec};\n\n",
    );
    out.push_str(definition);
    out.push_str(
        "\nstatic HITS: LazyLock<IntCounter> = LazyLock::new(|| register_int_counter!(\"hits\", \"Hits\").unwrap());\n",
    );
    out.push_str(
        "\n/// What somebody sent.\npub struct Form {\n    pub password: String,\n    pub token: Option<String>,\n    pub passwords: Vec<String>,\n}\n",
    );
    out.push_str("\nstatic NOTES: AtomicU32 = AtomicU32::new(0);\n\nfn note(number: u32) -> bool {\n    NOTES.fetch_add(number, Ordering::Relaxed) % 2 == 0\n}\n");
    out.push_str("\nfn fetch_password(form: &Form) -> String {\n    note(0);\n    form.password.clone()\n}\n");
    out.push_str("\n/// Answers.\npub fn view(form: &Form) -> Result<bool, String> {\n");
    let mut writer = Writer::<Rust>::new(dice, out, reach);
    let statements = 2 + writer.dice.roll(4);
    writer.block(1, statements, true);
    writer.line(1, "Ok(note(9999))");
    writer.text.push_str("}\n");
    writer.text
}

/// What is not known to be harmless: a fix leaves it to people.
pub(super) const OPAQUE: &[&str] = &["fetch_password(form)).inc"];

struct Rust;

impl Grammar for Rust {
    const NOTE: &'static str = "note";

    fn statement(writer: &mut Writer<Self>, depth: usize) {
        writer.statement(depth);
    }

    fn leak(writer: &mut Writer<Self>, depth: usize) {
        writer.leak(depth);
    }
}

impl Writer<Rust> {
    fn leak(&mut self, depth: usize) {
        let value = self.dice.pick(VALUES);
        let call = format!("{}.inc()", self.reach.replace('@', value));
        match self.dice.roll(8) {
            0 => {
                self.line(depth, "if form.token.is_some() {");
                self.line(depth + 1, &format!("{call};"));
                self.line(depth, "}");
            }
            1 => {
                self.line(depth, "match form.token.as_deref() {");
                self.line(depth + 1, &format!("Some(_) => {call},"));
                let note = self.note();
                self.line(depth + 1, &format!("None => drop({note}),"));
                self.line(depth, "}");
            }
            2 => {
                self.line(depth, "for _ in 0..3 {");
                self.line(depth + 1, &format!("{call};"));
                let note = self.note();
                self.line(depth + 1, &format!("{note};"));
                self.line(depth, "}");
            }
            3 => self.line(depth, &format!("let _ = form.token.as_ref().map(|_| {call});")),
            _ => self.line(depth, &format!("{call};")),
        }
    }

    fn statement(&mut self, depth: usize) {
        let note = self.note();
        if depth > 3 {
            return self.line(depth, &format!("{note};"));
        }
        match self.dice.roll(8) {
            0 => {
                self.line(depth, &format!("if {note} {{"));
                self.inner(depth + 1);
                self.line(depth, "} else {");
                self.inner(depth + 1);
                self.line(depth, "}");
            }
            1 => {
                self.line(depth, &format!("while !{note} {{"));
                self.inner(depth + 1);
                self.line(depth, "}");
            }
            2 => self.line(depth, "HITS.inc();"),
            3 => {
                self.line(depth, &format!("if {note} {{"));
                self.line(depth + 1, "return Err(\"no\".to_owned());");
                self.line(depth, "}");
            }
            4 => {
                self.text.push('\n');
                self.line(depth, &format!("{note}; // still needed"));
            }
            5 => self.line(depth, &format!("let _kept = {note};")),
            _ => self.line(depth, &format!("{note};")),
        }
    }
}
