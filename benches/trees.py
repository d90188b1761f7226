#!/usr/bin/env python3
"""Writes trees to measure on: the same bytes for the same arguments, whatever the machine.

    trees.py plain DIR --files 100000 [--seed 1]     Python and Rust files without metrics or 404s
    trees.py mixed DIR --files 10000 [--seed 1]      the same, and metrics and 404s in one file of fifty
    trees.py worst DIR                               what is hard for an interpreter, in both languages

`worst` writes a folder for each case: call graphs with large cycles, functions of 10,000 lines, 1,000 nested branches (as
deep as Python's own parser goes, the rest as a ladder), wide dicts, long chains of wrappers.
"""
import argparse
import random
from pathlib import Path

WORDS = ("account batch cache column cursor digest engine event field folder group handle index item journal kernel layer "
         "ledger market matrix node object order parcel packet query queue record region report sample schedule shelf "
         "signal source stock store stream table ticket token_ring track unit vector volume worker zone").split()
TYPES = ("int", "str", "float", "bytes", "list", "dict")


def python_function(rng, number):
    """A function as one finds them in any program."""
    one, other, third = rng.sample(WORDS, 3)
    lines = [f"def {one}_{other}_{number}({third}, limit={rng.randrange(1, 99)}):",
             f'    """Sorts the {third} of a {one} by {other}."""',
             f"    {other} = []"]
    for _ in range(rng.randrange(2, 9)):
        word = rng.choice(WORDS)
        lines += rng.choice((
            [f"    for {word} in {third}:", f"        if {word} and len({other}) < limit:", f"            {other}.append({word})"],
            [f"    {word} = [row.{rng.choice(WORDS)} for row in {third} if row is not None]", f"    {other}.extend({word})"],
            [f"    {word} = {{\"{rng.choice(WORDS)}\": limit, \"{rng.choice(WORDS)}\": {rng.randrange(999)}}}",
             f"    {other}.append({word})"],
            [f"    if isinstance({third}, {rng.choice(TYPES)}):", f"        raise ValueError(f\"{word}: {{limit}}\")"],
        ))
    return lines + [f"    return sorted({other}, key=str)", "", ""]


def rust_function(rng, number):
    """The same in Rust."""
    one, other, third = rng.sample(WORDS, 3)
    lines = [f"/// Sorts the {third} of a {one} by {other}.",
             f"pub fn {one}_{other}_{number}({third}: &[u64], limit: usize) -> Vec<u64> {{",
             f"    let mut {other} = Vec::with_capacity(limit);"]
    for _ in range(rng.randrange(2, 9)):
        word = rng.choice(WORDS)
        lines += rng.choice((
            [f"    for {word} in {third} {{", f"        if {other}.len() < limit {{ {other}.push(*{word}); }}", "    }"],
            [f"    let {word}: u64 = {third}.iter().map(|row| row + {rng.randrange(99)}).sum();", f"    {other}.push({word});"],
            [f"    if let Some({word}) = {third}.first() {{ {other}.push(*{word}); }}"],
        ))
    return lines + [f"    {other}.sort_unstable();", f"    {other}", "}", ""]


def python_metrics(rng, number):
    """A module that counts, and a view that answers with a 404."""
    one, other, third = rng.sample(WORDS, 3)
    return ["from django.http import Http404, HttpResponse", "from prometheus_client import Counter", "",
            f'{one.upper()} = Counter("{one}_{number}", "How many", ["{other}"])', "", "",
            f"def show_{third}(request):", f'    {one.upper()}.labels(request.POST["email"]).inc()',
            f'    if "{other}" not in request.GET:', "        raise Http404",
            f'    return HttpResponse("{third}")', ""]


def tree(folder, count, seed, mixed):
    """Writes `count` files, a hundred to a folder."""
    rng = random.Random(seed)
    for number in range(count):
        is_rust = number % 4 == 3
        place = folder / f"part{number // 10000:03}" / f"group{number // 100:05}"
        if number % 100 == 0:
            place.mkdir(parents=True, exist_ok=True)
            (place / "__init__.py").write_text("")
        make = rust_function if is_rust else python_function
        lines = [] if is_rust else ["import os", "import sys", "", ""]
        for inner in range(rng.randrange(3, 12)):
            lines += make(rng, inner)
        if mixed and number % 50 == 0:
            lines += python_metrics(rng, number)
        path = place / f"{rng.choice(WORDS)}_{number}.{'rs' if is_rust else 'py'}"
        path.write_text("\n".join(lines) + "\n")


PYTHON_HEAD = ("from django.http import HttpRequest\nfrom prometheus_client import Counter\n\n"
               'LOGINS = Counter("logins", "Logins", ["who"])\n\n\n')
RUST_HEAD = ('use prometheus::{register_int_counter_vec, IntCounterVec};\nuse std::sync::LazyLock;\n\n'
             'static LOGINS: LazyLock<IntCounterVec> =\n'
             '    LazyLock::new(|| register_int_counter_vec!("logins", "Logins", &["who"]).unwrap());\n\n')
CARGO = '[package]\nname = "worst"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nprometheus = "0.13"\n'


def cycles(size):
    """Every function calls the next three of a ring; one of them counts."""
    python, rust = [PYTHON_HEAD], [RUST_HEAD]
    for at in range(size):
        calls = [(at + step) % size for step in (1, 7, 31)]
        last = "    LOGINS.labels(who).inc()\n" if at == size - 1 else ""
        python.append(f"def step_{at}(who, depth):\n    if depth == {at}:\n        return who\n" + last
                      + "".join(f"    who = step_{to}(who, depth + 1)\n" for to in calls) + "    return who\n\n\n")
        last = "    LOGINS.with_label_values(&[&who]).inc();\n" if at == size - 1 else ""
        rust.append(f"pub fn step_{at}(mut who: String, depth: u32) -> String {{\n    if depth == {at} {{ return who; }}\n" + last
                    + "".join(f"    who = step_{to}(who, depth + 1);\n" for to in calls) + "    who\n}\n\n")
    return "".join(python), "".join(rust)


def long_function(lines):
    """One function of so many lines, a count in every hundredth."""
    python = [PYTHON_HEAD, "def run(request: HttpRequest):\n    total = 0\n    who = request.POST\n"]
    rust = [RUST_HEAD, "pub fn run(who: &str) -> u64 {\n    let mut total = 0;\n"]
    for at in range(lines):
        python.append(f"    LOGINS.labels(total).inc({at})\n" if at % 100 == 0 else f"    value_{at % 50} = total + {at}\n")
        rust.append("    LOGINS.with_label_values(&[who]).inc();\n" if at % 100 == 0 else f"    total += {at};\n")
    return "".join(python) + "    return total\n", "".join(rust) + "    total\n}\n"


def branches(count):
    """A ladder of branches, each of which may count, and as many inside of each other as parsers take."""
    python = [PYTHON_HEAD, "def run(request: HttpRequest, kind):\n    status = 200\n"]
    rust = [RUST_HEAD, "pub fn run(who: &str, kind: u32) -> u32 {\n    let mut status = 200;\n"]
    for at in range(count):
        python.append(f'    if request.GET.get("k{at}"):\n        status = {200 + at % 300}\n        LOGINS.labels(kind).inc()\n')
        rust.append(f"    if kind == {at} {{ status = {200 + at % 300}; LOGINS.with_label_values(&[who]).inc(); }}\n")
    for depth in range(90):
        python.append("    " + "    " * depth + f"if kind == {depth}:\n")
    python.append("    " + "    " * 90 + "LOGINS.labels(kind).inc()\n    return status\n")
    nested = "".join(f"if kind > {depth} {{ " for depth in range(90))
    rust.append(f"    {nested}LOGINS.with_label_values(&[who]).inc();{' }' * 90}\n    status\n}}\n")
    return "".join(python), "".join(rust)


def wide(count):
    """A dict with so many entries, some of which are recorded."""
    entries = "".join(f'        "key_{at}": request.POST["field_{at}"],\n' for at in range(count))
    python = PYTHON_HEAD + f"def run(request: HttpRequest):\n    data = {{\n{entries}    }}\n" + "".join(
        f'    LOGINS.labels(data["key_{at}"]).inc()\n' for at in range(0, count, 10))
    puts = "".join(f'    data.insert("key_{at}", who.clone());\n' for at in range(count))
    rust = RUST_HEAD + "use std::collections::HashMap;\n\npub fn run(who: String) {\n    let mut data = HashMap::new();\n" + puts
    return python, rust + "".join(
        f'    LOGINS.with_label_values(&[&data["key_{at}"]]).inc();\n' for at in range(0, count, 10)) + "}\n"


def wrappers(count):
    """A chain of functions that hand what they are given to the next one."""
    python, rust = [PYTHON_HEAD], [RUST_HEAD]
    for at in range(count):
        inner = f"wrap_{at - 1}(who)" if at else "LOGINS.labels(who).inc()"
        python.append(f"def wrap_{at}(who):\n    return {inner}\n\n\n")
        inner = f"wrap_{at - 1}(who)" if at else "LOGINS.with_label_values(&[who]).inc()"
        rust.append(f"pub fn wrap_{at}(who: &str) {{\n    {inner}\n}}\n\n")
    python.append(f'def view(request: HttpRequest):\n    wrap_{count - 1}(request.POST["email"])\n')
    rust.append(f'pub fn view(email: &str) {{\n    wrap_{count - 1}(email)\n}}\n')
    return "".join(python), "".join(rust)


def worst(folder):
    """All cases, each in both languages."""
    cases = {"cycles": cycles(400), "long-function": long_function(10_000), "branches": branches(1_000),
             "wide-dict": wide(2_000), "wrappers": wrappers(500)}
    for name, (python, rust) in cases.items():
        place = folder / f"python-{name}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "case.py").write_text(python)
        place = folder / f"rust-{name}" / "src"
        place.mkdir(parents=True, exist_ok=True)
        (place.parent / "Cargo.toml").write_text(CARGO)
        (place / "lib.rs").write_text(rust)


def main():
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("plain", "mixed", "worst"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.kind == "worst":
        worst(options.folder)
    else:
        tree(options.folder, options.files, options.seed, options.kind == "mixed")


if __name__ == "__main__":
    main()
