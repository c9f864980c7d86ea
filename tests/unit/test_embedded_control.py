"""Looking at a server that is not there, ports, probes, logs, and the command line over it."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time

import pytest
import typer
from typer.testing import CliRunner

from annotate.cli import server as cli
from annotate.core.errors import Conflict, UsageError
from annotate.doccano.embedded import control, logfiles, probe
from annotate.doccano.embedded.accounts import list_users, schema_key
from annotate.doccano.embedded.home import open_home
from annotate.doccano.embedded.logfiles import follow, logs
from annotate.flows import server as flow


def test_a_server_that_never_was(tmp_path):
    found = control.status(tmp_path / "home")
    assert not found.running
    assert not found.ready
    assert found.url == ""
    assert control.running_url(tmp_path / "home") is None
    assert not control.stop(tmp_path / "home").was_running
    assert list_users(tmp_path / "home") == ()
    assert logs(tmp_path / "home") == ()
    assert not (tmp_path / "home").exists()
    assert json.dumps(flow.status_record(found))
    assert ("server", "does not run") in flow.status_lines(found)


def test_port_choice(tmp_path):
    home = open_home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"port {port} on 127.0.0.1 is taken"):
            control._choose_port(home, port)
        home.port.write_text(str(port))
        assert control._choose_port(home, None) != port
    assert control._choose_port(home, port) == port
    assert control._choose_port(home, None) == port
    for garbage in ("", "0", "99999999", "-5", "x"):
        home.port.write_text(garbage)
        assert 1024 <= control._choose_port(home, None) <= 65535


class Other(http.server.BaseHTTPRequestHandler):
    """A Doccano that is not ours: it answers, with another home."""

    def do_GET(self):
        body = json.dumps({"home": "/elsewhere", "worker": "answers"}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *ignored):
        pass


def test_another_server_on_the_port_is_not_taken_for_ours(tmp_path):
    home = open_home(tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            assert probe.web_answers(server.server_port, seconds=5)
            assert probe.ask(home, server.server_port) == probe.Answers(web=False, worker="silent")
        finally:
            server.shutdown()
            thread.join()


def test_a_port_that_accepts_and_says_nothing_is_no_answer(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not probe.web_answers(silent.getsockname()[1], seconds=0.3)


def test_logs_end_and_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(logfiles, "_POLL", 0.02)
    home = open_home(tmp_path)
    home.log("web").write_bytes(b"one\ntwo\nthr\xffee\n")
    home.log("worker").write_bytes(b"w\n")
    assert logs(home.root, lines=2, which="web") == ("two", "thr\ufffdee")
    assert logs(home.root, lines=1) == ("web: thr\ufffdee", "worker: w")
    assert logs(home.root, lines=0) == ()
    new = follow(home.root, which="web", seconds=60)

    def write() -> None:
        time.sleep(0.1)
        with home.log("web").open("ab") as log:
            log.write(b"four\nfi")
            log.flush()
            time.sleep(0.1)
            log.write(b"ve\n")

    writer = threading.Thread(target=write)
    writer.start()
    assert [next(new), next(new)] == ["four", "five"]
    writer.join()
    home.log("web").write_bytes(b"short\n")  # shortened meanwhile
    assert next(new) == "short"
    with home.log("web").open("ab") as log:
        log.write(b"last\n")
    assert next(new) == "last"  # and nothing twice
    assert list(follow(home.root, which="web", seconds=0.1)) == []


def test_schema_key_is_stable():
    assert schema_key() == schema_key()
    assert len(schema_key()) == 16


# --- the command line ---------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "study_root", lambda: tmp_path)
    monkeypatch.delenv("DOCCANO_HOME", raising=False)
    return tmp_path


def test_every_command_and_option_has_help():
    group = typer.main.get_command(cli.app)
    assert set(group.commands) == {
        *("start", "stop", "status", "logs", "add-user"),
        *("prepare", "backup", "restore"),
    }
    for command in group.commands.values():
        assert command.help
        for parameter in command.params:
            assert getattr(parameter, "help", ""), f"{command.name} {parameter.name}"


def test_a_password_is_never_an_argument():
    group = typer.main.get_command(cli.app)
    names = {name for parameter in group.commands["add-user"].params for name in parameter.opts}
    assert names == {"name", "--password-stdin"}


def test_add_user_without_terminal_needs_password_stdin(study):
    result = CliRunner().invoke(cli.app, ["add-user", "anna"], input="Grüne-Wiese-99\n")
    assert isinstance(result.exception, UsageError)
    assert "--password-stdin" in result.exception.hint


def test_status_of_nothing(study):
    result = CliRunner().invoke(cli.app, ["status", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["running"] is False
    assert found["home"] == str(study / "corpus" / ".state" / "doccano")
    assert CliRunner().invoke(cli.app, ["status"]).exit_code == 0
    assert CliRunner().invoke(cli.app, ["stop"]).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["start", "--port", "80"], ["start", "--port", "70000"], ["logs", "--which", "x"]]
)
def test_what_does_not_fit(study, arguments):
    assert isinstance(CliRunner().invoke(cli.app, arguments).exception, UsageError)
