//! Python programs: metrics kept in all sorts of ways, recordings with all sorts of arguments, among statements whose
//! effects a stub records (`tests/live/differ.py`).

use super::dice::Dice;
use super::writer::{Grammar, Writer};

/// Ways to keep a metric with a label: its definition, and how it is reached.
const KEPT: &[(&str, &str)] = &[
    ("LEAK = Counter(\"leak\", \"Logins\", [\"user\"])\n", "LEAK.labels(@)"),
    (
        "LEAK = Counter(\n    \"leak\",  # a name\n    \"Logins\",\n    labelnames=(\"user\",),\n)\n",
        "LEAK.labels(user=@)",
    ),
    (
        "METRICS = {\n    \"leak\": Counter(\"leak\", \"Logins\", [\"user\"]),\n    \"ok\": Counter(\"ok\", \"Fine\"),\n}\n",
        "METRICS[\"leak\"].labels(@)",
    ),
    (
        "class Site:\n    \"\"\"A site.\"\"\"\n\n    VISITS = Counter(\"leak\", \"Logins\", [\"user\"])\n    limit = 3\n",
        "Site.VISITS.labels(@)",
    ),
    (
        "class Site:\n    def __init__(self):\n        self.visits = Counter(\"leak\", \"Logins\", [\"user\"])\n        self.limit = shop.note(\"made\")\n\n\nSITE = Site()\n",
        "SITE.visits.labels(@)",
    ),
    ("LEAK = Counter(\"leak\", \"Logins\", [\"user\", \"kind\"])\n", "LEAK.labels(@, \"web\")"),
    (
        "LEAK = Counter(\"leak\", \"Logins\", [\"user\"])\n\n\ndef child(value):\n    return LEAK.labels(value)\n",
        "child(@)",
    ),
];

/// Values that should not be shown.
const VALUES: &[&str] = &[
    "request.POST[\"password\"]",
    "request.POST.get(\"password\")",
    "request.POST.get(\"password\", \"none\")",
    "f\"u-{request.POST['password']}\"",
    "\"u-\" + request.POST[\"password\"]",
    "\"u-%s\" % request.POST.get(\"password\")",
    "password",
    "str(password)",
    "request.POST[\"password\"].strip()",
    "(found := request.POST.get(\"password\"))",
    "shop.clean(request.POST[\"password\"])",
    "request.user.email",
    "next(request.tokens) + request.POST[\"password\"]",
    "request.POST[\"password\"] if shop.flag(3) else \"x\"",
    "int(request.POST[\"pin\"])",
    "digest(request.POST[\"password\"])",
    "request.cards[0].password",
    "[password][0]",
    "request.tokens.pop_password()",
    "{\"p\": request.POST[\"password\"]}[\"p\"]",
    "(lambda: request.POST[\"password\"])()",
];

/// Values of which nobody can tell that they are secret.
pub(super) const OPAQUE: &[&str] = &["shop.clean(", "pop_password()", "cards[0]", "(lambda: ", "next(request"];

struct Python;

impl Grammar for Python {
    const NOTE: &'static str = "shop.note";

    fn statement(writer: &mut Writer<Self>, depth: usize) {
        writer.statement(depth);
    }

    fn leak(writer: &mut Writer<Self>, depth: usize) {
        writer.leak(depth);
    }
}

/// A program, the same for the same seed.
pub(super) fn program(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let (definition, reach) = KEPT[dice.roll(KEPT.len() as u64) as usize];
    let mut writer = Writer::<Python>::new(dice, String::new(), reach);
    writer.text.push_str(
        "\"\"\"A generated shop.\"\"\"\nimport hashlib\n\nimport shop\nfrom prometheus_client import Counter, Gauge, Histogram\n\n",
    );
    writer.text.push_str("HITS = Counter(\"hits\", \"Hits\")\n");
    writer.text.push_str(definition);
    writer.text.push_str(
        "TOOK = Histogram(\"took\", \"Time\", [\"user\"])\nLAST = Gauge(\"last\", \"Balance\")\nNAMED = {}\n",
    );
    writer.text.push_str("\n\ndef digest(text):\n    return hashlib.sha256(text.encode()).hexdigest()\n");
    writer.text.push_str(&format!("\n\ndef record(value):\n    {}.inc()\n", reach.replace('@', "value")));
    writer.text.push_str("\n\ndef view(request):\n");
    if writer.dice.roll(2) == 0 {
        writer.line(1, "password = request.POST.get(\"password\", \"nothing\")");
    } else {
        writer.line(1, "password = request.POST[\"password\"]");
    }
    let statements = 2 + writer.dice.roll(4);
    writer.block(1, statements, true);
    writer.line(1, "return shop.note(\"end\")");
    writer.text
}

impl Writer<Python> {
    fn value(&mut self) -> &'static str {
        self.dice.pick(VALUES)
    }

    fn leak(&mut self, depth: usize) {
        let value = self.value();
        let labelled = self.reach.replace('@', value);
        match self.dice.roll(14) {
            0 => self.line(depth, &format!("record({value})")),
            1 => self.line(depth, "LAST.set(request.user.balance)"),
            2 => {
                self.line(depth, "if password not in NAMED:");
                self.line(depth + 1, "NAMED[password] = Counter(\"n_\" + password, \"h\")");
                self.line(depth, "NAMED[password].inc()");
            }
            3 => {
                self.line(depth, &format!("with TOOK.labels({value}).time():"));
                self.inner(depth + 1);
            }
            4 => {
                self.line(depth, "if password:");
                self.line(depth + 1, &format!("{labelled}.inc()"));
            }
            5 => self.line(depth, &format!("shop.later(lambda: {labelled}.inc())")),
            6 => {
                let note = self.note();
                self.line(depth, &format!("{labelled}.inc(); {note}"));
            }
            7 => {
                self.line(depth, "for one in shop.items(2):");
                self.line(depth + 1, &format!("{labelled}.inc()"));
            }
            8 => {
                self.line(depth, "try:");
                self.line(depth + 1, &format!("{labelled}.inc()"));
                let class = self.dice.pick(&["KeyError", "ValueError", "Exception"]);
                self.line(depth, &format!("except {class}:"));
                let then = self.dice.pick(&["pass", "shop.note(\"caught\")", "return shop.note(\"bad\")", "raise"]);
                self.line(depth + 1, then);
            }
            9 => {
                self.line(depth, &format!("who = {value}"));
                self.line(depth, &self.reach.replace('@', "who").to_string());
                self.line(depth, &format!("{}.inc()", self.reach.replace('@', "who")));
            }
            10 => self.line(depth, &format!("shop.note({labelled}.inc())")),
            _ => self.line(depth, &format!("{labelled}.inc()")),
        }
    }

    fn statement(&mut self, depth: usize) {
        let note = self.note();
        if depth > 3 {
            return self.line(depth, &note);
        }
        match self.dice.roll(13) {
            0 => {
                self.line(depth, &format!("if shop.flag({}):", self.notes));
                self.inner(depth + 1);
                if self.dice.roll(2) == 0 {
                    self.line(depth, "else:");
                    self.inner(depth + 1);
                }
            }
            1 => {
                self.line(depth, "for one in shop.items(2):");
                self.inner(depth + 1);
            }
            2 => {
                self.line(depth, "try:");
                self.inner(depth + 1);
                let class = self.dice.pick(&["KeyError", "ValueError", "Exception"]);
                self.line(depth, &format!("except {class}:"));
                self.inner(depth + 1);
                if self.dice.roll(3) == 0 {
                    self.line(depth, "finally:");
                    self.inner(depth + 1);
                }
            }
            3 => {
                self.line(depth, &format!("with shop.manager({}):", self.notes));
                self.inner(depth + 1);
            }
            4 => self.line(depth, "HITS.inc()"),
            5 => self.line(depth, &format!("value = {note}")),
            6 => self.line(depth, "shop.store[\"password\"] = password"),
            7 => {
                self.line(depth, "# What follows is important.");
                self.line(depth, &note);
            }
            8 => {
                self.text.push('\n');
                self.line(depth, &note);
            }
            9 => {
                self.line(depth, &format!("if shop.flag({}):", self.notes));
                self.line(depth + 1, &format!("return {note}"));
            }
            10 => self.line(depth, "shop.check(request.POST.get(\"password\"))"),
            _ => self.line(depth, &note),
        }
    }
}
