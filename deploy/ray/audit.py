#!/usr/bin/env python3
"""Audits many repositories on a Ray cluster: a list of repositories in, one table of findings out.

    audit.py LIST --out findings.jsonl [--binary overexposed] [--tries 3] [--address auto]
    audit.py LIST --out findings.parquet        # needs pyarrow

LIST holds a repository per line: an address that git clones, or a folder that all workers see. Each is audited by itself, on
whichever worker is free; a failure, also that of a worker, is tried again, and a repository that fails every time is a row of
the table with its `error` and is named at the end. So every repository of the list is in the table: with its findings, with
its error, or with one row that says that nothing was found. The exit code is 0 when all were audited, 1 when some were not.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COLUMNS = ("repository", "rule", "severity", "confidence", "category", "path", "line", "column", "message", "metric",
           "fingerprint", "error")


def clone(repository, folder):
    """The folder with the repository; nothing of it is run."""
    if os.path.isdir(repository) and not os.path.exists(os.path.join(repository, "HEAD")):
        return repository
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_CONFIG_GLOBAL": os.devnull,
           "GIT_CONFIG_SYSTEM": os.devnull}
    target = os.path.join(folder, "repository")
    safe = ["-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false"]
    command = ["git", *safe, "clone", "--quiet", "--depth", "1", "--no-tags", "--template=", "--", repository, target]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=1800)
    if done.returncode != 0:
        raise RuntimeError(f"git clone: {done.stderr.strip()[-500:]}")
    return target


def row(repository, **values):
    """A row of the table; what is not given is empty."""
    return {column: {"repository": repository, **values}.get(column) for column in COLUMNS}


def audit(repository, binary):
    """The rows of one repository."""
    with tempfile.TemporaryDirectory(prefix="overexposed-") as folder:
        where = clone(repository, folder)
        command = [binary, "check", "--isolated", "--fail-on", "never", "--quiet", "--output-format", "json"]
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=3600)
        if done.returncode != 0:
            raise RuntimeError(f"overexposed: {done.stderr.strip()[-500:]}")
        report = json.loads(done.stdout)
    rows = [
        row(
            repository,
            **{key: found[key] for key in ("rule", "severity", "confidence", "category", "path", "message", "fingerprint")},
            line=found["start"]["line"],
            column=found["start"]["column"],
            metric=(found["metric"] or {}).get("name"),
        )
        for found in report["findings"]
        if found["allowed"] is None
    ]
    rows += [row(repository, path=error["path"], error=error["message"]) for error in report["errors"]]
    return rows or [row(repository)]


def run(repositories, binary, tries):
    """Rows by repository, in the order of the list, and the repositories that failed every time."""
    import ray

    # Ray starts a task again whose worker died; a task that failed by itself is started again below.
    task = ray.remote(num_cpus=1, max_retries=tries)(audit)
    rows, failed = {}, []
    left = {task.remote(repository, binary): (repository, 1) for repository in repositories}
    while left:
        (ready,), _ = ray.wait(list(left), num_returns=1)
        repository, attempt = left.pop(ready)
        try:
            rows[repository] = ray.get(ready)
        except Exception as error:  # Whatever it was, it costs one repository.
            if attempt < tries:
                left[task.remote(repository, binary)] = (repository, attempt + 1)
                continue
            lines = [line for line in str(error).splitlines() if line.strip()]
            rows[repository] = [row(repository, error=lines[-1] if lines else type(error).__name__)]
            failed.append(repository)
    return [one for repository in repositories for one in rows[repository]], sorted(failed)


def write(rows, out):
    """JSON Lines, or Parquet where the name says so; the file is there whole or not at all."""
    part = out.with_name(out.name + ".part")
    if out.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        kinds = {"line": pyarrow.int64(), "column": pyarrow.int64()}
        schema = pyarrow.schema([(column, kinds.get(column, pyarrow.string())) for column in COLUMNS])
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), part)
    else:
        part.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    os.replace(part, out)


def main():
    """Reads the list, audits, writes the table, names what failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--binary", default="overexposed")
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--address", help="of the cluster; without it a local one is started")
    options = parser.parse_args()
    import ray

    lines = [line.strip() for line in options.list.read_text(encoding="utf-8").splitlines()]
    repositories = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    ray.init(address=options.address, log_to_driver=False, include_dashboard=False)
    try:
        rows, failed = run(repositories, options.binary, max(options.tries, 1))
    finally:
        ray.shutdown()
    write(rows, options.out)
    print(f"{len(repositories)} repositories, {len(rows)} rows, {len(failed)} failed")
    for repository in failed:
        print(f"failed: {repository}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
