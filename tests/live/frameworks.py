#!/usr/bin/env python3
"""Requests each page of fixtures/live that answers 404 and compares the counter with `overexposed inventory`.

    frameworks.py BINARY [--venv DIR]

A comment `# from: /page` on the line of a 404 names the page that takes this way. The counter on the metrics page must
move as often as the inventory says: never 0, once 1, more at least 2. Every row of the inventory must have its page.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import giftcard

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ROOT / "fixtures" / "live"
NAME = "database_error_return_404_total"
WANTED = ["djangorestframework", "flask", "fastapi", "httpx", "python-multipart"]
PROBE = "import rest_framework, flask, fastapi, httpx, python_multipart"


def pages(app):
    """The pages named in comments: by line."""
    lines = (app / "app.py").read_text(encoding="utf-8").splitlines()
    found = {}
    for number, line in enumerate(lines, 1):
        named = re.search(r"# from: (\S+)", line)
        if named:
            found[number] = named.group(1)
    return found


def client():
    """What gets pages of the app in the working directory: a function from path to status and text."""
    sys.path.insert(0, os.getcwd())
    import app as module

    if hasattr(module, "urlpatterns"):
        import django
        from django.test import Client

        django.setup()
        one = Client(raise_request_exception=False)
        return lambda path: (lambda r: (r.status_code, r.content.decode()))(one.get(path))
    if type(module.app).__name__ == "Flask":
        one = module.app.test_client()
        return lambda path: (lambda r: (r.status_code, r.get_data(as_text=True)))(one.get(path))
    from fastapi.testclient import TestClient

    one = TestClient(module.app)
    return lambda path: (lambda r: (r.status_code, r.text))(one.get(path))


def drive(paths):
    """Prints for each path the status and how far the counter moved."""
    get = client()

    def count():
        return float(re.search(rf"(?m)^{NAME} (\S+)$", get("/metrics")[1]).group(1))

    moved = {}
    for path in paths:
        before = count()
        status, text = get(path)
        moved[path] = [status, "404" in text, count() - before]
    print(json.dumps(moved))


def check(binary, python, app):
    """Compares one app; gives what is wrong."""
    named = pages(app)
    ran = subprocess.run([str(python), __file__, "--drive", *sorted(set(named.values()))], cwd=app, capture_output=True, text=True)
    if ran.returncode != 0:
        return [f"{app.name}: {ran.stderr}"]
    moved = json.loads(ran.stdout.splitlines()[-1])
    said = subprocess.run([binary, "inventory", ".", "--output-format", "json"], cwd=app, capture_output=True, text=True, check=True)
    rows = {row["start"]["line"]: row["counted"] for row in json.loads(said.stdout)["not_found_paths"]}
    wrong = []
    for line, counted in rows.items():
        page = named.get(line)
        if page is None:
            wrong.append(f"{app.name}: line {line} is in the inventory but names no page")
            continue
        status, says, times = moved[page]
        if status != 404 and not says:
            wrong.append(f"{app.name}{page} answered {status}")
        if not {"never": times == 0, "once": times == 1, "more": times >= 2}.get(counted, False):
            wrong.append(f"{app.name}{page}: the counter moved by {times}, the inventory says {counted}")
    wrong += [f"{app.name}: line {line} ({page}) is not in the inventory" for line, page in named.items() if line not in rows]
    return wrong


def python_with_frameworks(where):
    """The interpreter of the virtual environment, with what the apps need."""
    python = giftcard.python_with_django(where)
    if subprocess.run([str(python), "-c", PROBE], capture_output=True).returncode != 0:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *WANTED], check=True)
    return python


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--venv", type=Path, default=ROOT / "target" / "live-venv")
    given = parser.parse_args()
    python = python_with_frameworks(given.venv)
    apps = sorted(path for path in APPS.iterdir() if (path / "app.py").exists())
    wrong = [line for app in apps for line in check(os.path.abspath(given.binary), python, app)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(apps)} apps: every counter moved as the inventory says")


if __name__ == "__main__":
    drive(sys.argv[2:]) if sys.argv[1:2] == ["--drive"] else main()
