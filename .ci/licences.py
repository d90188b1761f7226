#!/usr/bin/env python3
"""Checks that every dependency may be used under a permissive licence: `cargo metadata … | licences.py`."""
import json
import re
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT",
    "MIT-0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
}


def holds(expression):
    """Whether an SPDX expression can be met with allowed licences only."""
    # The old way to write OR; exceptions only ever permit more.
    expression = re.sub(r"\s+WITH\s+\S+?(?=\)|\s|$)", "", expression.replace("/", " OR "))
    words = re.findall(r"[()]|[^\s()]+", expression)

    def either():
        result = both()
        while words and words[0] == "OR":
            words.pop(0)
            right = both()
            result = result or right
        return result

    def both():
        result = one()
        while words and words[0] == "AND":
            words.pop(0)
            right = one()
            result = result and right
        return result

    def one():
        word = words.pop(0) if words else ""
        if word != "(":
            return word in ALLOWED
        result = either()
        return bool(words) and words.pop(0) == ")" and result

    return either() and not words


# The reader itself must not be fooled.
assert holds("(MIT OR GPL-3.0) AND Unicode-3.0") and holds("MIT/Apache-2.0") and holds("Apache-2.0 WITH LLVM-exception")
assert not holds("MIT AND GPL-3.0") and not holds("LGPL-2.1-or-later") and not holds("") and not holds("(MIT")

packages = json.load(sys.stdin)["packages"]
refused = [f"{p['name']} {p['version']}: {p['license'] or 'no licence named'}" for p in packages if not holds(p["license"] or "")]
print(f"{len(packages)} packages, {len(refused)} with a licence that is not allowed", *sorted(refused), sep="\n  ")
sys.exit(bool(refused))
