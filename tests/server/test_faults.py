"""Each request of push and pull broken in each way, then the same command again: nothing lost or doubled.

The table of outcomes in docs/faults.md is made from what these tests write (`python tools/fault_table.py`).
"""

from __future__ import annotations

import threading

import pytest
from fault_cases import FAULTS, STEPS, WIRE
from faulty_proxy import Rule
from faulty_studies import attempt, bench, finish, helpful, record  # noqa: F401 - bench is a fixture

from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.ledger import read_ledger

pytestmark = pytest.mark.server

PATIENCE = 3.0
"""Seconds the client waits where the fault is that no reply comes."""


@pytest.mark.parametrize("case", WIRE, ids=lambda case: case.name)
def test_the_wire_fails(bench, case):  # noqa: F811
    fault = FAULTS[case.fault]
    made = bench.study(patience=PATIENCE if fault.kind == "silent" else 60.0)
    verb = {"push": push, "pull": pull}[case.verb]
    drawn = None
    if case.verb == "pull":
        push(made.study)
        drawn = bench.work(made)
    method, path = STEPS[case.step]
    rule = Rule(method, path, fault.kind, times=fault.times, status=fault.status, size=fault.size)
    ledger = len(read_ledger(made.study))
    bench.proxy.rules = [rule]
    try:
        first = attempt(verb, made.study)
    finally:
        bench.proxy.rules = []
        bench.proxy.over.set()
        bench.proxy.over = threading.Event()
    assert rule.fired >= 1, "the fault never happened"
    helpful(first)
    if case.verb == "pull" and first.exit_code:
        assert len(read_ledger(made.study)) == ledger
    if case.verb == "push":
        drawn = bench.work(made)
    again = attempt(verb, made.study) if first.exit_code else None
    assert again is None or again.exit_code == 0, again
    finish(bench, made, drawn)
    record(case, first.exit_code, again.exit_code if again else "-", first.said.split("\n")[0])
