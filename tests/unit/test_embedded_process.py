"""Processes, locks, the supervisor's decisions: with real, small processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import StorageFailure
from annotate.doccano.embedded.home import open_home
from annotate.doccano.embedded.process import (
    Process,
    end,
    exclusive,
    is_locked,
    process_start,
    take_lock,
    this_process,
)
from annotate.doccano.embedded.state import ServerState, read_state, write_state
from annotate.doccano.embedded.supervisor import (
    Child,
    RestartPolicy,
    Supervisor,
    bind,
    shorten_log,
    sweep_broker,
)

SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable, "-S", "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('on', flush=True); time.sleep(60)",
]  # fmt: skip


@pytest.fixture
def sleeper():
    with subprocess.Popen(SLEEPER) as running:
        yield running
        running.kill()


def test_a_process_is_its_pid_and_its_start(sleeper):
    found = this_process(sleeper.pid)
    assert found.alive
    assert not Process(sleeper.pid, "1").alive
    assert not Process(sleeper.pid, "").alive
    sleeper.kill()
    time.sleep(0.1)
    assert not found.alive  # dead, though its parent has not asked yet
    assert sleeper.wait() == -signal.SIGKILL
    assert process_start(sleeper.pid) is None


def test_end_ends_exactly_what_it_was_given(sleeper):
    assert end([Process(sleeper.pid, "1")], patience=0.1) == []
    assert sleeper.poll() is None
    with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as stubborn:
        stubborn.stdout.readline()
        found = this_process(stubborn.pid)
        assert end([found], patience=0.2) == [found]
        assert stubborn.wait(5) == -signal.SIGKILL
    assert sleeper.poll() is None
    found = this_process(sleeper.pid)
    assert end([found], patience=5) == [found]
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_lock_dies_with_its_holder(tmp_path):
    lock = tmp_path / "lock"
    assert not is_locked(lock)
    code = (
        "import sys; from pathlib import Path; from annotate.doccano.embedded.process import take_lock;"
        "print(take_lock(Path(sys.argv[1])), flush=True); input()"
    )
    command = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline().strip().isdigit()
        assert is_locked(lock)
        assert take_lock(lock) is None
        with (
            pytest.raises(StorageFailure, match="another process has been testing"),
            exclusive(lock, seconds=0.1, what="testing"),
        ):
            pytest.fail("two holders")
        holder.kill()
    assert not is_locked(lock)
    with exclusive(lock, seconds=1, what="testing"):
        assert is_locked(lock)
    assert not is_locked(lock)


@given(st.lists(st.floats(0, 100), max_size=12))
def test_only_quick_deaths_in_a_row_are_held_against_a_child(lives):
    policy = RestartPolicy()
    deaths = 0
    for lived in lives:
        deaths = policy.deaths_after(deaths, lived)
        assert deaths >= 1
        assert 0 < policy.delay(deaths) <= policy.longest
    row = 0
    for lived in reversed(lives):
        row += 1
        if lived >= policy.quick:
            break
    assert deaths == row
    assert policy.gives_up(deaths) == (deaths >= policy.limit)


@pytest.fixture
def supervise(tmp_path):
    """A supervisor of small programs in this very process; signal handlers are put back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    home = open_home(tmp_path / "home")

    def make(*children: Child, **policy: float) -> Supervisor:
        state = ServerState(this_process(os.getpid()), 1)
        write_state(home, state)
        environment = {"PATH": os.environ["PATH"], "HOME_OF_TEST": str(home.root)}
        return Supervisor(home, environment, state, list(children), RestartPolicy(**policy))

    yield make
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_supervisor_gives_up_on_a_child_that_keeps_dying_and_ends_the_other(supervise, capsys):
    web = Child("web", [sys.executable, "-S", "-c", "raise SystemExit(3)"])
    worker = Child("worker", SLEEPER)
    supervisor = supervise(web, worker, quick=30, limit=2, longest=0.1)
    assert "web process died 2 times" in supervisor.run()
    assert web.starts == 2
    assert not supervisor.state.children["worker"].alive
    assert "ended with code 3" in capsys.readouterr().out


def test_supervisor_restarts_a_child_once_and_ends_when_its_record_goes(supervise):
    code = (
        "import os, time; p = os.environ['HOME_OF_TEST'] + '/once'\n"
        "if not os.path.exists(p): open(p, 'w').close(); raise SystemExit(1)\n"
        "print('here', flush=True); r = os.environ['HOME_OF_TEST'] + '/run/server.json'\n"
        "while str(os.getpid()) not in open(r).read(): time.sleep(0.01)\n"
        "os.unlink(r); time.sleep(60)"
    )
    supervisor = supervise(Child("web", [sys.executable, "-S", "-c", code]))
    assert supervisor.run() == ""
    assert supervisor.state.restarts == {"web": 1}
    assert not supervisor.state.children["web"].alive
    assert read_state(supervisor.home) is None
    assert supervisor.home.log("web").read_text() == "here\n"


def test_supervisor_ends_on_sigterm_with_a_grandchild(supervise, tmp_path):
    code = (
        "import os, signal, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(p.pid, flush=True); os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"
    )
    supervisor = supervise(Child("web", [sys.executable, "-S", "-c", code]))
    assert supervisor.run() == ""
    grandchild = int(supervisor.home.log("web").read_text())
    deadline = time.monotonic() + 5
    while process_start(grandchild) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process_start(grandchild) is None


def test_long_logs_are_shortened_and_writers_go_on(tmp_path):
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        assert not shorten_log(log, 100)
        writer.write(b"y")
        assert shorten_log(log, 100)
        writer.write(b"z\n")
    assert log.read_bytes() == b"z\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"x" * 100 + b"y"
    assert not shorten_log(tmp_path / "none.log", 1)


def test_delivered_messages_are_swept_and_waiting_ones_stay(tmp_path):
    path = tmp_path / "broker.sqlite3"
    sweep_broker(path)
    assert not path.exists()
    connection = sqlite3.connect(path)
    sweep_broker(path)  # no table yet
    connection.execute("CREATE TABLE kombu_message (id INTEGER, visible BOOLEAN)")
    connection.executemany("INSERT INTO kombu_message VALUES (?, ?)", [(1, 0), (2, 1)])
    connection.commit()
    sweep_broker(path)
    assert connection.execute("SELECT id FROM kombu_message").fetchall() == [(2,)]
    connection.close()


def test_bind_takes_the_loopback_address():
    with bind(0) as listener:
        address, port = listener.getsockname()
        assert address == "127.0.0.1"
        with pytest.raises(OSError, match="in use"):
            listener.listen() or bind(port)
