"""Each request of push and pull broken in each way, then the same command again: nothing lost or doubled.

The table of outcomes in docs/faults.md is made from what these tests write (`python tools/fault_table.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from fault_cases import EXPORT, FAULTS, STEPS, WIRE, Case
from faulty_proxy import Rule
from faulty_studies import Bench, Outcome, attempt, bench, finish, helpful, record  # noqa: F401 - bench is a fixture
from small_studies import TIED, TOLD, Campaign

from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.ledger import read_ledger

pytestmark = pytest.mark.server

PATIENCE = 3.0
"""Seconds the client waits where the fault is that no reply comes."""


@pytest.fixture(scope="module")
def running(bench, request) -> Iterator[dict[str, Future[None]]]:  # noqa: F811
    """The chosen cases, three at a time: most of the time of each is waiting for the server's worker."""
    chosen = [one.callspec.params["case"] for one in request.session.items if one.fspath == request.fspath]
    with ThreadPoolExecutor(3) as pool:
        yield {case.name: pool.submit(run, bench, case) for case in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", WIRE, ids=lambda case: case.name)
def test_the_wire_fails(running, case):
    running[case.name].result()


def run(shared: Bench, case: Case) -> None:
    """One case, behind a proxy of its own."""
    with shared.another() as one:
        first, again = through(one, case)
    record(case, first.exit_code, again.exit_code if again else "-", first.said.split("\n")[0])


def through(bench: Bench, case: Case) -> tuple[Outcome, Outcome | None]:  # noqa: F811
    """The verb with the fault, again without; everything checked."""
    fault = FAULTS[case.fault]
    made = bench.study(patience=PATIENCE if fault.kind == "silent" else 60.0)
    verb = {"push": push, "pull": pull}[case.verb]
    drawn = None
    if case.verb == "pull":
        push(made.study)
        drawn = bench.work(made)
    elif case.step in EXPORT:
        interrupted(bench, made)
    method, path = STEPS[case.step]
    rule = Rule(method, path, fault.kind, times=fault.times, status=fault.status, size=fault.size)
    ledger = len(read_ledger(made.study))
    bench.proxy.rules = [rule]
    try:
        first = attempt(verb, made.study)
    finally:
        bench.proxy.rules = []
    assert rule.fired >= 1, "the fault never happened"
    helpful(first)
    if case.verb == "pull" and first.exit_code:
        assert len(read_ledger(made.study)) == ledger
    if case.verb == "push":
        drawn = bench.work(made)
    again = attempt(verb, made.study) if first.exit_code else None
    assert again is None or again.exit_code == 0, again
    finish(bench, made, drawn)
    return first, again


def interrupted(bench: Bench, made: Campaign) -> None:  # noqa: F811
    """A push whose passages arrived and were not recorded."""
    bench.proxy.rules = [Rule("GET", STEPS["poll task"][1], "status", times=99)]
    assert attempt(push, made.study).exit_code == 6
    bench.proxy.rules = []
    deadline = time.monotonic() + 60
    project = made.remotes()[made.ann.user].project_id
    while len(made.rows(IMPORTED, project)) < len(TOLD) + len(TIED):
        assert time.monotonic() < deadline
        time.sleep(0.1)


IMPORTED = """
SELECT one.id FROM (
    SELECT id, example_id FROM labels_span UNION ALL SELECT id, example_id FROM labels_relation
) one JOIN examples_example e ON e.id = one.example_id WHERE e.project_id = ?
"""
