#!/usr/bin/env python3
"""Serves fixtures/giftcard, lets a real Prometheus scrape it with the fixture's own configuration, and asks for a 404.

    prometheus.py BINARY [--venv DIR]

The counter is added by `overexposed check --fix --add-404-counter`. Afterwards Prometheus must know how often it was
incremented. Ends with 77 where there is no Prometheus. Standard library only.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from giftcard import SITE, python_with_django, run_tool  # noqa: E402

COUNTER = "database_error_return_404_total"
PATIENCE = 40


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(port):
    """The block in the ConfigMap, with the service's name resolved as the cluster would do."""
    text = (SITE / "monitoring" / "prometheus.yaml").read_text()
    block = textwrap.dedent(text.split("prometheus.yml: |\n")[1])
    assert "proxy-service:8080" in block
    return block.replace("proxy-service:8080", f"127.0.0.1:{port}")


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def until(what, ask):
    """Asks until there is an answer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = ask()
            if answer:
                return answer
        except OSError:
            pass
        time.sleep(0.25)
    sys.exit(f"{what}: nothing after {PATIENCE} s")


def counted(port):
    query = urllib.parse.urlencode({"query": COUNTER})
    result = json.loads(get(f"http://127.0.0.1:{port}/api/v1/query?{query}"))["data"]["result"]
    return sum(float(series["value"][1]) for series in result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=Path)
    parser.add_argument("--venv", type=Path, default=Path("target/live-venv"))
    arguments = parser.parse_args()
    prometheus, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if not prometheus or not promtool:
        sys.exit(77)
    python = python_with_django(arguments.venv.absolute())
    running = []
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        shutil.copytree(SITE, site)
        run_tool(arguments.binary.absolute(), site, "--fix", "--add-404-counter")
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([str(python), "manage.py", "migrate"], cwd=site, env=env, check=True, **quiet)
        port, own = free_port(), free_port()
        config = Path(folder) / "prometheus.yml"
        config.write_text(configuration(port))
        subprocess.run([promtool, "check", "config", str(config)], check=True, **quiet)
        try:
            serve = [str(python), "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
            running.append(subprocess.Popen(serve, cwd=site, env=env, **quiet))
            scrape = [prometheus, f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{own}"]
            running.append(subprocess.Popen(scrape, **quiet))
            until("the site", lambda: get(f"http://127.0.0.1:{port}/metrics"))
            body = get(f"http://127.0.0.1:{port}/buy/3445")
            assert "404" in body, body
            seen = until("the counter in Prometheus", lambda: counted(own))
            assert seen == 1, seen
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(10)
    print(f"{COUNTER} is {seen:.0f} in Prometheus after one 404")


if __name__ == "__main__":
    main()
