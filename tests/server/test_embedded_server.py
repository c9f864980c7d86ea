"""The embedded server for real: life and death of its processes, what it keeps private."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from embedded_api import Api, eventually
from ports import free_port

from annotate.core.errors import BadInput, Conflict, UsageError
from annotate.doccano import embedded as server
from annotate.doccano.embedded import control
from annotate.doccano.embedded.home import Home
from annotate.doccano.embedded.process import process_start
from annotate.doccano.embedded.state import read_state

pytestmark = pytest.mark.server


def ignore(text: str) -> None:
    pass


# --- life and death -----------------------------------------------------------------------------------------


def test_started_twice_is_one_server_and_stopped_twice_is_no_error(scratch_server):
    first = scratch_server()
    pids = server.status(first.home).pids
    again = server.start(first.home, port=None, progress=ignore)
    assert again.already_running
    assert again.url == first.url
    assert again.pids == pids
    assert server.running_url(first.home) == first.url
    assert server.stop(first.home).was_running
    assert not server.stop(first.home).was_running
    assert not server.status(first.home).running
    assert server.running_url(first.home) is None
    assert all(process_start(pid) is None for pid in pids.values())


def test_two_starts_at_once_make_one_server(tmp_path):
    home = tmp_path / "home"
    code = (
        "import sys; from pathlib import Path; from annotate.doccano import embedded as s;"
        "i = s.start(Path(sys.argv[1]), port=None, progress=lambda t: None); print(i.pids['supervisor'])"
    )
    try:
        both = [
            subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        answers = {process.communicate(timeout=300)[0].strip() for process in both}
        assert [process.returncode for process in both] == [0, 0]
        assert len(answers) == 1
    finally:
        server.stop(home)


def test_each_process_may_be_killed(scratch_server):
    found = scratch_server()
    before = server.status(found.home).pids
    for name in ("web", "worker"):
        os.kill(before[name], signal.SIGKILL)
        assert eventually(lambda name=name: server.status(found.home).pids.get(name) != before[name])
        assert eventually(lambda: server.status(found.home).ready), server.logs(found.home, lines=20)
    status = server.status(found.home)
    assert status.restarts == {"web": 1, "worker": 1}
    assert status.worker == "answers"
    assert status.url == found.url

    os.kill(status.pids["supervisor"], signal.SIGKILL)
    assert eventually(lambda: not server.status(found.home).running, 5)
    if sys.platform == "linux":  # elsewhere the next start or stop ends them
        children = [status.pids["web"], status.pids["worker"]]
        assert eventually(lambda: all(process_start(pid) is None for pid in children), 20)
    again = server.start(found.home, port=None, progress=ignore)
    assert not again.already_running
    assert again.url == found.url
    assert server.status(found.home).ready


def test_stop_ends_what_a_killed_supervisor_left(scratch_server):
    found = scratch_server()
    pids = server.status(found.home).pids
    os.kill(pids["worker"], signal.SIGSTOP)  # so that it does not notice the death of its parent
    os.kill(pids["supervisor"], signal.SIGKILL)
    assert eventually(lambda: process_start(pids["supervisor"]) is None, 5)
    assert process_start(pids["worker"]) is not None
    result = server.stop(found.home)
    assert result.was_running
    assert process_start(pids["worker"]) is None


def test_stale_record_with_a_recycled_pid_is_no_server_and_nobody_is_harmed(scratch_server, tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        home = Home(tmp_path / "home")
        home.run.mkdir(parents=True)
        process = {"pid": bystander.pid, "started": "12"}
        home.state.write_text(
            json.dumps(
                {
                    "supervisor": process,
                    "port": 8765,
                    "children": {"web": process, "worker": process},
                    "restarts": {},
                    "failure": "",
                }
            )
        )
        assert not server.status(home.root).running
        assert not server.stop(home.root).was_running
        home.state.write_text("no json")
        found = scratch_server()
        assert server.status(found.home).ready
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_supervisor_ends_when_its_home_is_deleted(scratch_server):
    found = scratch_server()
    pids = server.status(found.home).pids
    for path in (found.home / "run").iterdir():
        path.unlink()
    assert eventually(lambda: all(process_start(pid) is None for pid in pids.values()), 30)


def test_a_task_that_died_with_its_worker_is_reported_as_failed(scratch_server):
    found = scratch_server()
    admin = Api(found.url, found.service)
    task = str(uuid.uuid4())
    with contextlib.closing(sqlite3.connect(found.database, timeout=30)) as connection:
        connection.execute(
            "INSERT INTO django_celery_results_taskresult (task_id, status, content_type, content_encoding,"
            " date_created, date_done) VALUES (?, 'STARTED', 'application/json', 'utf-8',"
            " '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            (task,),
        )
        connection.commit()
    assert admin.got(f"tasks/status/{task}") == {"ready": False, "result": None, "error": None}
    worker = server.status(found.home).pids["worker"]
    os.kill(worker, signal.SIGSTOP)
    assert server.status(found.home).worker == "busy"
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: admin.got(f"tasks/status/{task}")["ready"])
    os.kill(server.status(found.home).pids["worker"], signal.SIGSTOP)
    silent = server.status(found.home)
    assert silent.web
    assert silent.worker == "silent"
    assert not silent.ready
    os.kill(silent.pids["worker"], signal.SIGCONT)
    assert server.status(found.home).ready
    assert "stopped before this task was done" in admin.got(f"tasks/status/{task}")["error"]["text"]


# --- ports --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_taken_port(scratch_server, tmp_path, monkeypatch):
    # The default one, as if nobody else had it: another worker of pytest-xdist may.
    monkeypatch.setattr(control, "DEFAULT_PORT", free_port())
    with taken_port() as port:
        with pytest.raises(Conflict, match=rf"port {port} .*taken"):
            scratch_server(port=port)
        assert not server.status(tmp_path / "home").running
        home = tmp_path / "home"
        (home / "port").write_text(f"{port}\n")
        found = scratch_server()
        assert found.url != f"http://127.0.0.1:{port}"
    remembered = (found.home / "port").read_text().strip()
    assert found.url.endswith(":" + remembered)
    with pytest.raises(Conflict, match="already runs on port"):
        server.start(found.home, port=port, progress=ignore)
    server.stop(found.home)
    assert server.start(found.home, port=None, progress=ignore).url == found.url


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc/net")
def test_listens_on_the_loopback_address_only(embedded):
    port = int(embedded.url.rpartition(":")[2])
    addresses = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
        for line in lines:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                addresses.append(local.rpartition(":")[0])
    assert addresses == ["0100007F"]


# --- what is private ----------------------------------------------------------------------------------------


def test_everything_in_the_home_is_for_its_owner_only(embedded):
    for path in [embedded.home, *embedded.home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    name, password = server.service_credentials(embedded.home)
    assert name == "annotate-service"
    assert len(password) > 40


def test_no_secret_is_in_logs_or_command_lines(embedded):
    embedded.add_user("logged-out", "Nirgends-Zu-Lesen-1")
    Api(embedded.url, ("logged-out", "Nirgends-Zu-Lesen-1"))
    secrets = ["Nirgends-Zu-Lesen-1"]
    for name in ("secret-key", "service-password", "control-key"):
        secrets.append((embedded.home / name).read_text().strip())
    logged = "\n".join(server.logs(embedded.home, lines=10_000))
    commands = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    for secret in secrets:
        assert secret not in logged
        assert secret not in commands


def test_add_user(embedded):
    name = f"anna-{uuid.uuid4().hex[:6]}"
    assert embedded.add_user(name, "Grüne-Wiese-99") == "created"
    old = Api(embedded.url, (name, "Grüne-Wiese-99"))
    assert old.got("me")["username"] == name
    assert embedded.add_user(name, "Grüne-Wiese-99") == "updated"
    assert old.call("GET", "me").status_code == 200  # the same password changes nothing
    assert embedded.add_user(name, "Blaue-Wiese-98") == "updated"
    assert old.call("GET", "me").status_code == 403
    assert Api(embedded.url, (name, "Blaue-Wiese-98")).got("me")["is_superuser"] is False
    account = {found.name: found for found in server.list_users(embedded.home)}[name]
    assert account.active
    assert not account.superuser


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("bad", "12345678", "entirely numeric"),
        ("bad", "kurz", "too short"),
        ("bad", "", "too short"),
        ("badly-named", "badly-named", "too similar to the username"),
        ("no spaces", "Grüne-Wiese-99", "valid username"),
        ("", "Grüne-Wiese-99", "blank"),
    ],
)
def test_add_user_says_what_django_says(embedded, name, password, said):
    with pytest.raises(BadInput, match=said):
        embedded.add_user(name, password)
    assert name not in {found.name for found in server.list_users(embedded.home)}


def test_the_service_account_is_not_for_people(embedded):
    with pytest.raises(UsageError):
        embedded.add_user("annotate-service", "Grüne-Wiese-99")


def test_strangers_get_nothing(embedded):
    nobody = Api(embedded.url)
    upload = nobody.call("POST", "fp/process/", files={"filepond": ("a.jsonl", b"{}")})
    assert upload.status_code in (401, 403)
    for target in ("http://127.0.0.1:9/", embedded.url + "/v1/me"):
        answer = nobody.call("GET", "fp/fetch/", params={"target": target})
        assert answer.status_code in (401, 403)
    for path in ("fp/load/?id=x", "fp/restore/?id=x", "users", "me", "projects", "tasks/status/x"):
        assert nobody.call("GET", path).status_code in (401, 403), path
    (embedded.home / "media" / "export.zip").write_bytes(b"PK secret")
    for path in ("/media/export.zip", "/media/%2e%2e/db.sqlite3", "/annotate/ready"):
        answer = requests.get(embedded.url + path, timeout=10)
        assert answer.status_code == 404, path
        assert b"secret" not in answer.content
    assert nobody.call("GET", "health/").status_code == 404
    assert nobody.call("GET", "no/such/thing").status_code == 404


def test_no_other_site_and_no_other_name(embedded):
    answer = requests.get(
        embedded.url + "/v1/social/links/", headers={"Origin": "http://evil.example"}, timeout=10
    )
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    rebound = requests.get(embedded.url + "/v1/me", headers={"Host": "evil.example"}, timeout=10)
    assert rebound.status_code == 400


def test_record_names_running_processes(embedded):
    state = read_state(Home(embedded.home))
    assert state is not None
    assert state.supervisor.alive
    assert all(child.alive for child in state.children.values())
    with contextlib.closing(sqlite3.connect(embedded.database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
