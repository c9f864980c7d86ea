"""Deaths, full disks, a server in trouble, two operators, a wrong clock: then the same command again."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_cases import (
    CLOCK,
    LOCKED,
    PULL_DISK,
    PULL_FILES,
    PUSH_DISK,
    PUSH_FILES,
    SERVER_RESTARTED,
    STEPS,
    STILL_RUNNING,
    TWO_CLONES,
    WORKER_HALF,
    WORKER_KILLED,
    WORKER_STOPPED,
)
from faulty_proxy import Rule
from faulty_studies import ROWS, Outcome, attempt, bench, finish, helpful, record, same_count  # noqa: F401
from small_studies import Campaign

from annotate.doccano import embedded
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

pytestmark = pytest.mark.server
# ruff: noqa: F811 - the fixture bench is imported

# --- death and full disks -----------------------------------------------------------------------------------


def run_and_die(study: Study, verb: str, target: str, when: str, nth: int) -> bool:
    """The verb in a process that dies at its ``nth`` call of ``target``; False when it came through alive."""
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("dying.py")),
            str(study.root),
            verb,
            target,
            when,
            str(nth),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_push_killed_at_each_file(bench):
    made = bench.study()
    deaths = 0
    # Before the next file is there, then right after it: each file is reached in both ways.
    for when in itertools.cycle(("before", "after")):
        if not run_and_die(made.study, "push", "renames", when, 1):
            break
        read_ledger(made.study)
        deaths += 1
        assert deaths < 20
    assert deaths >= 6
    finish(bench, made, None)
    record(PUSH_FILES, "killed", 0, f"{deaths} deaths in a row, each followed by the same command")


def test_pull_killed_at_each_file(bench):
    made = bench.study()
    push(made.study)
    drawn = bench.work(made)
    before = read_ledger(made.study)
    deaths = 0
    while run_and_die(made.study, "pull", "syncs", "before", deaths + 1):
        deaths += 1
        assert read_ledger(made.study)[: len(before)] == before
    assert deaths >= 8
    assert len(made.state().pulls) == 1
    assert {path.name for path in made.study.snapshots_dir.iterdir()} == set(made.state().pulls)
    finish(bench, made, drawn)
    record(PULL_FILES, "killed", 0, f"{deaths} deaths, each followed by the same command")


@pytest.mark.parametrize("case", [PUSH_DISK, PULL_DISK], ids=lambda case: case.name)
def test_the_disk_is_full(bench, monkeypatch, case):
    made = bench.study()
    drawn = None
    if case is PULL_DISK:
        push(made.study)
        drawn = bench.work(made)
    verb = push if case is PUSH_DISK else pull
    real, failures = os.fsync, 0
    for nth in itertools.count(1):
        left = nth

        def full(handle: int) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(handle)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            outcome = attempt(verb, made.study)
        read_ledger(made.study)
        assert not list(made.study.corpus.rglob("*.tmp")), "something half-written was left"
        if left > 0:
            break
        if outcome.exit_code:
            assert outcome.exit_code == 9
            assert "free some space and run the same command again" in outcome.hint
            failures += 1
    assert outcome.exit_code == 0
    assert failures >= 3
    finish(bench, made, drawn)
    record(case, 9, 0, f"{failures} failures, each followed by the same command")


# --- the server's own troubles ------------------------------------------------------------------------------


@pytest.fixture
def at_first_poll(monkeypatch):
    """Call something when push first asks how its import is doing."""

    def arrange(what: Callable[[], None]) -> None:
        from annotate.doccano import importing

        real, done = importing._wait, []

        def waiting(*args: Any, **options: Any) -> Any:
            if not done:
                done.append(True)
                what()
            return real(*args, **options)

        monkeypatch.setattr(importing, "_wait", waiting)

    return arrange


def test_the_worker_is_stopped(bench, at_first_poll, monkeypatch):
    made = bench.study(copies=200)
    pid = bench.worker()
    at_first_poll(lambda: os.kill(pid, signal.SIGSTOP))
    try:
        with monkeypatch.context() as patch:
            patch.setattr("annotate.doccano.importing.TASK_SECONDS", 2.0)
            first = attempt(push, made.study)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert first.exit_code == 6
    assert "is the task worker running?" in first.hint
    again = attempt(push, made.study)
    assert again.exit_code == 0, again
    same_count(made, 203)
    finish(bench, made, None, compare=False)
    record(WORKER_STOPPED, 6, 0, first.said)


def test_the_worker_is_killed(bench, at_first_poll):
    made = bench.study(copies=400)
    pid = bench.worker()

    def kill_when_the_passages_are_there() -> None:
        deadline = time.monotonic() + 30
        project = made.remotes()[made.ann.user].project_id
        while not made.rows("SELECT 1 FROM examples_example WHERE project_id = ? LIMIT 1", project):
            assert time.monotonic() < deadline
        os.kill(pid, signal.SIGKILL)

    at_first_poll(kill_when_the_passages_are_there)
    first = attempt(push, made.study)
    assert first.exit_code in (0, 6), first
    again = attempt(push, made.study)
    assert again.exit_code == 0, again
    same_count(made, 403)
    finish(bench, made, None, compare=False)
    record(WORKER_KILLED, first.exit_code, 0, first.said.split("\n")[0])


def test_the_worker_died_between_passages_and_labels(bench):
    made = bench.study()
    bench.proxy.rules = [Rule("GET", STEPS["poll task"][1], "status", times=99)]
    first = attempt(push, made.study)
    bench.proxy.rules = []
    assert first.exit_code == 6
    project = wait_for_import(made, 3)
    # The server stores passages, then labels, then relations; a worker that dies in between leaves just this.
    connection = sqlite3.connect(made.database, timeout=30)
    with connection:
        for table in ("labels_relation", "labels_span"):
            connection.execute(
                f"DELETE FROM {table} WHERE example_id IN"
                " (SELECT id FROM examples_example WHERE project_id = ?)",
                [project],
            )
    connection.close()
    again = attempt(push, made.study)
    assert again.exit_code == 0, again
    finish(bench, made, None)
    record(WORKER_HALF, 6, 0, "the labels that are missing are drawn by the service account")


def wait_for_import(made: Campaign, passages: int) -> int:
    """Wait until the project has so many passages and the worker is done with their relations; its id."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        project = made.remotes()[made.ann.user].project_id
        related = made.rows(
            "SELECT r.id FROM labels_relation r JOIN examples_example e ON e.id = r.example_id"
            " WHERE e.project_id = ?",
            project,
        )
        if len(made.rows(ROWS, project)) == passages and related:
            return project
        time.sleep(0.2)
    raise AssertionError("the import did not end")


def test_the_import_still_runs_while_push_runs_again(bench):
    made = bench.study(copies=300)
    pid = bench.worker()
    bench.proxy.rules = [Rule(*STEPS["start import"], "lost")]
    os.kill(pid, signal.SIGSTOP)
    try:
        first = attempt(push, made.study)
        bench.proxy.rules = []
        assert first.exit_code == 6
        # The worker is held while the second run begins to read, and does the old import first of all.
        resume = threading.Timer(1.0, os.kill, (pid, signal.SIGCONT))
        resume.start()
        again = attempt(push, made.study)
        resume.join()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert again.exit_code == 0, again
    same_count(made, 303)
    finish(bench, made, None, compare=False)
    record(STILL_RUNNING, 6, 0, first.said)


def test_the_server_restarts_in_the_middle(bench, at_first_poll):
    made = bench.study(copies=300)
    home, url = bench.embedded.home, bench.embedded.url

    def restart() -> None:
        embedded.stop(home)
        info = embedded.start(home, port=int(url.rpartition(":")[2]), progress=lambda text: None)
        assert info.url == url

    at_first_poll(restart)
    first = attempt(push, made.study)
    assert first.exit_code in (0, 6), first
    again = attempt(push, made.study)
    assert again.exit_code == 0, again
    same_count(made, 303)
    finish(bench, made, None, compare=False)
    record(SERVER_RESTARTED, first.exit_code, 0, first.said.split("\n")[0])


# --- operators and clocks -----------------------------------------------------------------------------------


def test_a_second_operator_on_the_same_folder_is_told_to_wait(bench):
    made = bench.study()
    with made.study.writing("something else"):
        first = attempt(push, made.study)
    assert first.exit_code == 9
    helpful(first)
    again = attempt(push, made.study)
    assert again.exit_code == 0
    finish(bench, made, None)
    record(LOCKED, 9, 0, "another annotate command is writing to the folder")


def test_two_clones_push_at_the_same_time(bench):
    made = bench.study()
    colleague = made.study.root.parent / "colleague"
    shutil.copytree(made.study.root, colleague)
    studies = [made.study, Study(colleague)]
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda one=one: outcomes.append(attempt(push, one))) for one in studies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.exit_code for one in outcomes} <= {0, 6, 7}, outcomes
    for one in outcomes:
        helpful(one)
    for study in studies:
        # The one that came second may have to run once more than the first.
        assert 0 in [attempt(push, study).exit_code for _ in range(2)]
        assert plan(study).is_empty
    keys = [set(Campaign(one, made.people, made.database, made.passages).state().projects) for one in studies]
    assert keys[0] == keys[1]
    finish(bench, made, None)
    note = "one of the two does the work, the other finds it done or is told to wait"
    record(TWO_CLONES, "0, 6 or 7", 0, note)


def test_the_clock_runs_backwards(bench, monkeypatch):
    made = bench.study()
    hours = itertools.count(23, -1)
    monkeypatch.setattr("annotate.store.ledger.utc_now", lambda: f"2025-03-30T{next(hours):02}:00:00Z")
    push(made.study)
    drawn = bench.work(made)
    pull(made.study)
    times = [line.at for line in read_ledger(made.study)]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) >= 3
    finish(bench, made, drawn)
    record(CLOCK, 0, "-", "recorded times go back as the clock did; order comes from the chain")
