#!/usr/bin/env python3
"""Runs fixtures/giftcard before and after `overexposed check --fix` and compares what the site does.

    giftcard.py BINARY [--venv DIR]

Every page is driven with a password that occurs nowhere else (the canary). Before the fix it must be on the metrics
page, afterwards nowhere on it; all responses, all other metrics and all rows of the database must stay the same; and a
second fix must find nothing to do. Standard library only; Django and prometheus_client go into a virtual environment.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "fixtures" / "giftcard"
CANARY = "Canary7Wren"
OTHER = "Canary8Finch"


def python_with_django(where):
    """The interpreter of the virtual environment, made once and kept; tests that share it wait for each other."""
    where.parent.mkdir(parents=True, exist_ok=True)
    with open(where.with_suffix(".lock"), "w") as lock:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        except ImportError:
            pass  # Elsewhere than on Unix nothing runs beside it.
        return made(where)


def made(where):
    """Makes the virtual environment where it is missing."""
    python = where / ("Scripts" if os.name == "nt" else "bin") / "python"
    probe = [str(python), "-c", "import django, prometheus_client"]
    if python.exists() and subprocess.run(probe, capture_output=True).returncode == 0:
        return python
    # Built aside and moved into place, so that an interrupted run leaves no half of it.
    shutil.rmtree(where, ignore_errors=True)
    venv.create(where, with_pip=True)
    wanted = SITE / "requirements.txt"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
    return python


# ---------------------------------------------------------------- inside the site


def steady(body):
    """The body without what changes from run to run."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', 'name="csrfmiddlewaretoken"', body)
    return re.sub(r"(?m)^(\w+_created) .*$", r"\1 TIME", body)


def drive():
    """Calls every handler of the site in the working directory; prints what it saw as JSON."""
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = "site_config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    from django.test import Client
    from shop.models import Card, Product

    seen = []
    client = Client()

    def ask(method, url, **form):
        answer = getattr(client, method)(url, form)
        kept = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
        seen.append([method, url, sorted(form), answer.status_code, kept, sorted(answer.cookies), steady(answer.content.decode())])

    signup = {"uname": "wren", "pword": CANARY, "again": CANARY}
    for url in ("/", "/register", "/login", "/buy", "/buy/7", "/gift", "/gift/7", "/use", "/nowhere"):
        ask("get", url)  # no product yet: four of the 404 messages
    Product.objects.create(pk=1, title="Tea", price=20)
    Product.objects.create(pk=2, title="Books", price=35)
    ask("post", "/register", **{**signup, "again": "typo"})
    ask("post", "/register", **signup)
    ask("post", "/register", uname="finch", pword=OTHER, again=OTHER)
    ask("post", "/register", uname="robin", pword=CANARY, again=CANARY)
    ask("post", "/login", uname="wren", pword="wrong")
    ask("post", "/login", uname="wren", pword=CANARY)
    for url in ("/", "/buy", "/buy/2", "/gift/2", "/use"):
        ask("get", url)
    ask("post", "/buy/2")
    ask("post", "/buy")
    ask("post", "/gift/1")  # no friend named: a 404 message
    ask("post", "/gift/1", friend="nobody")
    ask("post", "/gift/1", friend="finch")
    ask("post", "/use", code="2-1-1")
    ask("post", "/use", code="unknown")
    ask("put", "/use")  # falls through: a 404 message
    page = client.get("/metrics")
    rows = {
        "users": [[u.username, u.check_password(CANARY), u.check_password(OTHER)] for u in User.objects.order_by("pk")],
        "cards": list(Card.objects.order_by("pk").values_list("owner_id", "product_id", "code", "worth", "spent")),
    }
    json.dump({"responses": seen, "page_status": page.status_code, "page": steady(page.content.decode()), "rows": rows}, sys.stdout)


# ---------------------------------------------------------------- around it


def run_site(python, site):
    """What a fresh process on a fresh database sees."""
    (site / "shop.sqlite3").unlink(missing_ok=True)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([str(python), str(Path(__file__).resolve()), "--drive"], cwd=site, env=env, capture_output=True, text=True)
    (site / "shop.sqlite3").unlink(missing_ok=True)
    if done.returncode != 0:
        sys.exit(f"the site does not run:\n{done.stderr}")
    return json.loads(done.stdout)


def run_tool(binary, site, *options):
    """The tool's report on the site."""
    command = [str(binary), "check", ".", "--output-format", "json", "--fail-on", "never", *options]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout)


def contents(site):
    """All files of the site."""
    return {str(p.relative_to(site)): p.read_bytes() for p in sorted(site.rglob("*")) if p.is_file()}


def leaked(text):
    """Which of the two passwords are in the text."""
    return [secret for secret in (CANARY, OTHER) if secret in text]


def without_leak(page):
    """The lines of the page that carry no password."""
    return [line for line in page.splitlines() if not leaked(line)]


def is_shortened(before, after):
    """Whether `after` is `before` with some lines taken out."""
    rest = iter(before.splitlines())
    return all(any(line == other for other in rest) for line in after.splitlines())


def exposures(report):
    """The rules of sensitive findings that are still open."""
    return [f["rule"] for f in report["findings"] if f["rule"].startswith("sensitive-") and not f.get("allowed")]


def compare(binary, python, site):
    """Yields each statement about the fix with its truth."""
    source, before = contents(site), run_site(python, site)
    found = exposures(run_tool(binary, site))
    run_tool(binary, site, "--fix")
    fixed, after = contents(site), run_site(python, site)
    left = exposures(run_tool(binary, site, "--fix"))
    changed = [name for name in source if fixed.get(name) != source[name]]
    messages = [r for r in before["responses"] if r[3] == 200 and "404" in r[6]]
    yield "the leak is found once before the fix", found == ["sensitive-metric-name"]
    yield "both passwords are on the page before the fix", leaked(before["page"]) == [CANARY, OTHER]
    yield "all six places with a 404 message were driven", len(messages) == 6
    yield "no password is on the page after the fix", leaked(after["page"]) == []
    yield "no other response changed", before["responses"] == after["responses"]
    yield "no row of the database changed", before["rows"] == after["rows"]
    yield "no other metric changed", (200, without_leak(before["page"])) == (after["page_status"], after["page"].splitlines())
    yield "only the views changed", changed == [str(Path("shop/views.py"))] and fixed.keys() == source.keys()
    yield "the fix only takes lines out", is_shortened(source["shop/views.py"].decode(), fixed["shop/views.py"].decode())
    yield "nothing sensitive is found after the fix", left == []
    yield "a second fix changes nothing", contents(site) == fixed


def main():
    """Copies the site, runs the comparison, and ends with 1 if a statement is false."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("--venv", type=Path, default=ROOT / "target" / "live-venv")
    options = parser.parse_args()
    python = python_with_django(options.venv.absolute())
    with tempfile.TemporaryDirectory(prefix="giftcard-") as folder:
        site = Path(folder) / "site"
        shutil.copytree(SITE, site, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
        results = list(compare(options.binary.absolute(), python, site))
    for statement, true in results:
        print("ok  " if true else "NOT ", statement)
    sys.exit(0 if all(true for _, true in results) else 1)


if __name__ == "__main__":
    drive() if sys.argv[1:] == ["--drive"] else main()
