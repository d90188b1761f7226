"""Runs generated programs before and after `check --fix` and compares what they do.

    differ.py PAIRS.json

Each pair is parsed by CPython and run against stubs: `shop` writes down every effect, `prometheus_client` keeps a page.
Effects, results and exceptions must be the same for all inputs; where no leak is left, no secret is on the page.
"""
from __future__ import annotations

import ast
import json
import sys
import types

SECRET = "canary-7f3a"


class Registry:
    def __init__(self):
        self.names = {}
        self.page = []


def metric_class(registry, kind):
    class Child:
        def __init__(self, metric, values):
            self.metric, self.values = metric, values

        def inc(self, amount=1):
            if amount < 0:
                raise ValueError("counters only go up")
            registry.page.append(f"{self.metric.name} {self.values}")

        def set(self, value):
            registry.page.append(f"{self.metric.name} {self.values} {float(value)}")

        observe = set

        def time(self):
            return Timer(self)

    class Timer:
        def __init__(self, child):
            self.child = child

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.child.inc()

    class Metric(Child):
        def __init__(self, name, documentation, labelnames=()):
            if name in registry.names:
                raise ValueError("Duplicated timeseries")
            registry.names[name] = self
            registry.page.append(name)
            self.name, self.labelnames, self.metric, self.values = name, tuple(labelnames), self, ()

        def labels(self, *values, **named):
            if len(values) + len(named) != len(self.labelnames) or not set(named) <= set(self.labelnames):
                raise ValueError("Incorrect label names")
            return Child(self, tuple(map(str, values)) + tuple(map(str, named.values())))

    Metric.__name__ = kind
    return Metric


class Tokens:
    def __init__(self, trace):
        self.trace, self.left = trace, ["a", "b", "c", "d"]

    def __next__(self):
        self.trace.append("took a token")
        return self.left.pop()

    def pop_password(self):
        self.trace.append("popped")
        return self.left.pop()


def shop_module(trace, pattern):
    shop = types.ModuleType("shop")
    shop.store = {}

    def note(what):
        trace.append(f"note {what}")
        return what

    class Manager:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            trace.append(f"enter {self.name}")

        def __exit__(self, kind, *_):
            trace.append(f"leave {self.name} {kind and kind.__name__}")

    def check(value):
        trace.append(f"check {value}")
        if value is None:
            raise ValueError("nothing")

    def clean(value):
        trace.append("clean")
        return value.strip()

    def flag(number):
        trace.append(f"flag {number}")
        return bool((number * 7 + pattern) % 3)

    shop.note, shop.manager, shop.check, shop.clean, shop.flag = note, Manager, check, clean, flag
    shop.items = lambda count: iter(range(count))
    shop.later = lambda function: function()
    return shop


def request_for(form, user, trace):
    card = types.SimpleNamespace(password=SECRET)
    return types.SimpleNamespace(POST=dict(form), user=user, tokens=Tokens(trace), cards=[card] if user else [])


INPUTS = [
    ({"password": SECRET, "pin": "12"}, True),
    ({"password": SECRET, "pin": "no number"}, True),
    ({"pin": "12"}, True),
    ({}, False),
    ({"password": " ", "pin": "7"}, True),
]


def run(text, form, has_user, pattern):
    trace, registry = [], Registry()
    client = types.ModuleType("prometheus_client")
    for kind in ("Counter", "Gauge", "Histogram"):
        setattr(client, kind, metric_class(registry, kind))
    shop = shop_module(trace, pattern)
    sys.modules.update({"prometheus_client": client, "shop": shop})
    space = {"__name__": "app"}
    exec(compile(text, "app.py", "exec"), space)
    user = types.SimpleNamespace(email=SECRET + "@example.org", balance=4711) if has_user else None
    # Twice, as a site is asked more than once.
    for _ in range(2):
        try:
            trace.append(f"returned {space['view'](request_for(form, user, trace))}")
        except Exception as error:
            trace.append(f"raised {type(error).__name__}")
    return trace + [f"store {shop.store}"], "\n".join(registry.page)


def main():
    pairs = json.load(open(sys.argv[1], encoding="utf-8"))
    runs = leaked = hidden = crashes = 0
    for pair in pairs:
        for side in ("before", "after"):
            ast.parse(pair[side])
        for pattern in range(3):
            for form, has_user in INPUTS:
                old, page_before = run(pair["before"], form, has_user, pattern)
                new, page_after = run(pair["after"], form, has_user, pattern)
                runs += 1
                leaked += SECRET in page_before
                # An attribute of nothing, and nobody catches it: the recording itself was what failed.
                crashed = any(line == "raised AttributeError" for line in old)
                crashes += crashed
                if old != new and not crashed:
                    sys.exit(
                        f"seed {pair['seed']} does something else for {form} {pattern}:\n{old}\n{new}\n"
                        f"{pair['before']}\n--- after\n{pair['after']}"
                    )
                if pair["clean"] and not crashed and (SECRET in page_after or "4711" in page_after):
                    sys.exit(f"seed {pair['seed']} still shows the secret for {form}:\n{pair['after']}\n{page_after}")
                hidden += SECRET in page_before and SECRET not in page_after
    print(f"{len(pairs)} programs, {runs} runs, {leaked} with a secret on the page before, {hidden} of them clean after, {crashes} crashed before")
    if not hidden:
        sys.exit("no program leaked before and was clean after: the test tests nothing")


main()
