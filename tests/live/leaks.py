#!/usr/bin/env python3
"""Drives the apps of fixtures/leaky with canaries before and after `overexposed check --fix`.

    leaks.py BINARY [--venv DIR]

Before the fix, the canary of each category that a finding names is on the metrics page; afterwards none is. All
responses (status, headers, body), all rows of the database and all other lines of the page stay the same, and a second
fix changes nothing. What is installed is shared with frameworks.py.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import frameworks
import giftcard

APPS = giftcard.ROOT / "fixtures" / "leaky"
CANARIES = {
    "credential": "Canary7Wren",
    "payment": "4929000012345670",
    "personal": "finch@canary.example",
    "content": "a note of canary robin",
}


def client(app):
    """What asks the app: a function from method, path, form and body to status, headers and text."""
    if type(app).__name__ == "Flask":
        one = app.test_client()
        ask = lambda method, path, **given: one.open(path, method=method, **given)
        text = lambda answer: answer.get_data(as_text=True)
    else:
        from fastapi.testclient import TestClient

        one = TestClient(app)
        ask = lambda method, path, **given: one.request(method, path, **given)
        text = lambda answer: answer.text
    def asked(method, path, **given):
        answer = ask(method, path, **given)
        headers = sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() != "date")
        return [method, path, answer.status_code, headers, text(answer)]
    # The two frameworks call a raw body by different names.
    body = "data" if type(app).__name__ == "Flask" else "content"
    return asked, body


def drive():
    """Calls every handler; prints what it saw as JSON."""
    sys.path.insert(0, os.getcwd())
    import app as module

    ask, body = client(module.app)
    email, password, card = CANARIES["personal"], CANARIES["credential"], CANARIES["payment"]
    seen = [
        ask("POST", "/join", data={"email": "", "password": password}),
        ask("POST", "/join", data={"email": email, "password": password}),
        ask("POST", "/join", data={"email": email, "password": password}),
        ask("POST", "/enter", data={"email": "nobody@elsewhere.example", "password": "wrong"}),
        ask("POST", "/enter", data={"email": email, "password": password}),
        ask("POST", "/pay", data={"card_number": card, "cents": "250"}),
        ask("POST", "/pay", data={"cents": "many"}),
        ask("POST", "/note", **{body: CANARIES["content"]}),
        ask("POST", "/note", **{body: ""}),
        ask("GET", "/nowhere"),
    ]
    rows = {
        table: module.DB.execute(f"select * from {table} order by rowid").fetchall() for table in ("customers", "orders")
    }
    page = ask("GET", "/metrics")
    json.dump({"responses": seen, "rows": rows, "status": page[2], "page": page[4]}, sys.stdout)


def run(python, app):
    """What a fresh process sees."""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), str(Path(__file__).resolve()), "--drive"]
    done = subprocess.run(command, cwd=app, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{app.name} does not run:\n{done.stderr}")
    return json.loads(done.stdout)


def shown(page):
    """The categories whose canary is on the page, as it is or in the name of a metric."""
    names = " ".join(families(page))
    known = {kind for kind, canary in CANARIES.items() if canary in page}
    return known | ({"personal"} if CANARIES["personal"].split("@")[0] in names else set())


def families(page):
    """The names on a page without what a run changes."""
    return {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")}


def check(binary, python, app):
    """What is wrong with the fixes of one app."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / app.name
        shutil.copytree(app, copy)
        before = run(python, copy)
        findings = giftcard.run_tool(binary, copy)["findings"]
        giftcard.run_tool(binary, copy, "--fix")
        fixed = giftcard.contents(copy)
        after = run(python, copy)
        giftcard.run_tool(binary, copy, "--fix")
        again = giftcard.contents(copy)
    wrong = []
    named = {finding["category"] for finding in findings if finding["category"]}
    if named != set(CANARIES):
        wrong.append(f"the findings name {sorted(named)}")
    if missing := named - shown(before["page"]):
        wrong.append(f"not on the page before: {sorted(missing)}")
    if left := shown(after["page"]):
        wrong.append(f"on the page afterwards: {sorted(left)}")
    if extra := families(after["page"]) - families(before["page"]):
        wrong.append(f"new on the page: {sorted(extra)}")
    for key in ("responses", "rows", "status"):
        if before[key] != after[key]:
            wrong.append(f"other {key}:\n  {before[key]}\n  {after[key]}")
    if fixed != again:
        wrong.append("the second fix changes something")
    return [f"{app.name}: {text}" for text in wrong]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--venv", type=Path, default=giftcard.ROOT / "target" / "live-venv")
    given = parser.parse_args()
    python = frameworks.python_with_frameworks(given.venv)
    apps = sorted(path for path in APPS.iterdir() if (path / "app.py").exists())
    wrong = [line for app in apps for line in check(os.path.abspath(given.binary), python, app)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(apps)} apps: nothing leaks any more, and all else is the same")


if __name__ == "__main__":
    drive() if sys.argv[1:2] == ["--drive"] else main()
