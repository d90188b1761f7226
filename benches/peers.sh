#!/usr/bin/env bash
# How fast beside what people run anyway? Measures `rg -c prometheus`, `ruff check`, `semgrep` with a rule for the same leak,
# and this tool on the same trees in one go, and prints a table: wall time, processor time (user and system) and peak memory,
# medians of so many runs, and our part of each.
#
#     benches/peers.sh [TREE…]           without trees: a generated one of 100,000 files, and the worst cases
#
# RUNS=5, OVEREXPOSED=target/release/overexposed, FILES=100000, SEMGREP=no to leave it out (it is slow).
# ruff and semgrep are installed into target/peers, ripgrep is the one of the machine or installed there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
place=$top/target/peers
runs=${RUNS:-5}
ours=$(realpath "${OVEREXPOSED:-$top/target/release/overexposed}")
[ -x "$ours" ] || { echo "no $ours: build it with cargo build --release, or name one in OVEREXPOSED" >&2; exit 2; }

mkdir -p "$place"
[ -x "$place/venv/bin/ruff" ] || { python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q ruff; }
semgrep=$place/venv/bin/semgrep
if [ "${SEMGREP:-yes}" = yes ] && [ ! -x "$semgrep" ]; then "$place/venv/bin/pip" install -q semgrep; fi
rg=$(command -v rg || true)
if [ -z "$rg" ]; then
    rg=$place/bin/rg
    [ -x "$rg" ] || cargo install -q --root "$place" ripgrep
fi
cat > "$place/leak.yml" <<'RULE'
rules:
  - id: request-data-in-a-label
    languages: [python]
    severity: ERROR
    message: data of a request becomes a label
    mode: taint
    pattern-sources:
      - pattern: request.POST[...]
      - pattern: request.GET[...]
      - pattern: request.headers[...]
    pattern-sinks:
      - pattern: $METRIC.labels(...)
RULE

trees=("$@")
if [ ${#trees[@]} -eq 0 ]; then
    trees=("$place/plain-${FILES:-100000}" "$place/worst")
    [ -d "${trees[0]}" ] || python3 "$here/trees.py" plain "${trees[0]}" --files "${FILES:-100000}"
    [ -d "${trees[1]}" ] || python3 "$here/trees.py" worst "${trees[1]}"
fi

# The medians of one command on one tree: wall seconds, processor seconds, megabytes. What it finds and says is not the matter.
measure() {
    local out=$place/times
    "$@" > /dev/null 2>&1 || true # warms the page cache
    : > "$out"
    for _ in $(seq "$runs"); do
        python3 - "$out" "$@" <<'TIME'
import os, resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "a", encoding="utf-8") as out:
    print(f"{wall:.4f} {used.ru_utime + used.ru_stime:.4f} {used.ru_maxrss / 1024:.1f}", file=out)
TIME
    done
    python3 -c '
import statistics, sys
rows = [list(map(float, line.split())) for line in open(sys.argv[1], encoding="utf-8")]
print(*(f"{statistics.median(column):.3f}" for column in zip(*rows)))' "$out"
}

row() { printf '%-24s %-12s %10s %10s %10s %8s %8s %8s\n' "$@"; }
row tree program "wall s" "cpu s" "peak MiB" "us/wall" "us/cpu" "us/peak"
for tree in "${trees[@]}"; do
    name=$(basename "$tree")
    read -r wall cpu peak <<< "$(measure "$ours" check --isolated --quiet --fail-on never --output-format json "$tree")"
    row "$name" overexposed "$wall" "$cpu" "$peak" 1 1 1
    beside() {
        local program=$1; shift
        local w c p
        read -r w c p <<< "$(measure "$@")"
        row "$name" "$program" "$w" "$c" "$p" $(python3 -c '
import sys
numbers = list(map(float, sys.argv[1:]))
print(*(f"{us / max(them, 1e-4):.3f}" for us, them in zip(numbers[:3], numbers[3:])))' "$wall" "$cpu" "$peak" "$w" "$c" "$p")
    }
    beside "rg" "$rg" -c prometheus "$tree"
    beside "ruff" "$place/venv/bin/ruff" check --no-cache --isolated --quiet --exit-zero "$tree"
    if [ "${SEMGREP:-yes}" = yes ]; then
        beside "semgrep" "$semgrep" scan --metrics=off --disable-version-check --quiet --config "$place/leak.yml" "$tree"
    fi
done
