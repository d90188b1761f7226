#!/usr/bin/env python3
"""Runs deploy/ray/audit.py on a local Ray cluster of two workers: `ray_cluster.py BINARY`, with a Python that has ray and
pyarrow. A repository that is not there must be named, and a worker that dies must cost nothing.

Not part of `cargo test`: ray is large. Loopback only.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from packages import repositories

SCRIPT = Path(__file__).resolve().parent.parent.parent / "deploy" / "ray" / "audit.py"

# Dies with its whole worker the first time that it runs, as if the machine were gone.
DYING = """#!/bin/sh
if mkdir "{mark}" 2>/dev/null; then kill -9 "$PPID"; sleep 5; fi
exec "{binary}" "$@"
"""


def main():
    """Starts the cluster, audits, compares."""
    from ray.cluster_utils import Cluster

    binary = Path(sys.argv[1]).absolute()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    with tempfile.TemporaryDirectory(prefix="overexposed-ray-") as name:
        folder = Path(name)
        listed = repositories(folder, "repository-{}", 6)
        missing = f"file://{folder}/missing"
        (folder / "list.txt").write_text("\n".join(listed[:3] + [missing] + listed[3:]) + "\n")
        dying = folder / "overexposed"
        dying.write_text(DYING.format(mark=folder / "died", binary=binary))
        dying.chmod(0o755)
        for out in ("all.jsonl", "all.parquet"):
            command = [sys.executable, SCRIPT, folder / "list.txt", "--out", folder / out, "--binary", dying]
            done = subprocess.run(
                [*command, "--tries", "2", "--address", cluster.address], capture_output=True, text=True, env=os.environ
            )
            print(done.stdout, end="")
            assert done.returncode == 1 and f"failed: {missing}" in done.stderr, done.stderr
        assert (folder / "died").exists(), "no worker died"
        rows = [json.loads(line) for line in (folder / "all.jsonl").read_text().splitlines()]
        assert {row["repository"] for row in rows} == {*listed, missing}, "nothing is lost"
        assert sum(row["rule"] == "sensitive-label-value" for row in rows) == 3
        assert [row["repository"] for row in rows if row["error"]] == [missing]
        import pyarrow.parquet

        assert pyarrow.parquet.read_table(folder / "all.parquet").to_pylist() == rows
    cluster.shutdown()
    print("ok")


if __name__ == "__main__":
    main()
