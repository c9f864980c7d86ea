"""`annotate server start --foreground`, as systemd and containers run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from small_studies import make_person, write_study

from annotate.doccano import embedded as server

pytestmark = pytest.mark.server


def test_it_stays_stops_on_sigterm_and_says_when_the_server_dies(tmp_path):
    study = write_study(tmp_path / "study", [make_person("ann")])
    home = tmp_path / "home"
    command = [sys.executable, "-m", "annotate", "server", "start", "--foreground"]
    environment = {**os.environ, "DOCCANO_HOME": str(home)}
    try:
        for signalled, expected in (("us", 0), ("supervisor", 6)):
            with subprocess.Popen(
                command, cwd=study.root, env=environment, stdout=subprocess.PIPE, text=True
            ) as running:
                assert running.stdout is not None
                assert running.stdout.readline().strip() == server.running_url(home)
                assert server.status(home).ready
                assert running.poll() is None
                pid = running.pid if signalled == "us" else server.status(home).pids["supervisor"]
                os.kill(pid, signal.SIGTERM)
                assert running.wait(60) == expected
            assert server.running_url(home) is None
    finally:
        server.stop(home)


def test_a_password_in_the_address_goes_no_further(tmp_path):
    study = write_study(tmp_path / "study", [make_person("ann")])
    address = "postgresql://anna:geheim99@127.0.0.1:9/study"
    done = subprocess.run(
        [sys.executable, "-m", "annotate", "server", "start", "--database", address],
        cwd=study.root,
        env={**os.environ, "DOCCANO_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "ANNOTATE_DATABASE_PASSWORD" in done.stderr
    assert "geheim99" not in done.stdout + done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file() and b"geheim99" in path.read_bytes()]
    assert written == []
