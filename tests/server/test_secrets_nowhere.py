"""No password and no token in anything that push, pull, export and the server write, failures included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fault_cases import STEPS
from faulty_proxy import Rule
from faulty_studies import Bench, bench  # noqa: F401 - bench is a fixture
from small_studies import Campaign

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]


def annotate(made: Campaign, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, whatever it leaves with."""
    return subprocess.run(
        [sys.executable, "-m", "annotate", "--study", str(made.study.root), *words],
        cwd=made.study.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )


def secrets_of(bench: Bench, made: Campaign) -> dict[str, bytes]:  # noqa: F811
    """What must stand nowhere, by name."""
    tokens = made.rows("SELECT t.key, u.username FROM authtoken_token t JOIN auth_user u ON u.id = t.user_id")
    found = {f"token of {row['username']}": row["key"].encode() for row in tokens}
    found |= {f"password of {one.user}": one.password.encode() for one in made.people}
    return {**found, "service password": bench.embedded.service[1].encode()}


def test_no_secret_is_written_anywhere(bench, tmp_path, monkeypatch):  # noqa: F811
    # A bug of ours writes its trace into the folder for temporary files.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made = bench.study()
    said: dict[str, bytes] = {}
    codes = []
    runs = [
        ("push", Rule(*STEPS["log in"], "status")),
        ("push", Rule(*STEPS["log in"], "reset")),
        ("push", Rule(*STEPS["log in"], "cut")),
        ("push", Rule(*STEPS["add member"], "lost")),
        ("push", None),
        ("pull", Rule(*STEPS["fetch export"], "cut")),
        ("pull", Rule(*STEPS["list projects"], "status", status=500, times=99)),
        ("pull", None),
        ("export faults", None),
        ("push --json", None),
    ]
    for number, (command, rule) in enumerate(runs):
        if command == "pull" and rule is None:
            bench.work(made)
        bench.proxy.rules = [rule] if rule else []
        done = annotate(made, *command.split())
        bench.proxy.rules = []
        codes.append(done.returncode)
        said[f"stdout of {number} {command}"] = done.stdout
        said[f"stderr of {number} {command}"] = done.stderr
    wrong = annotate(made, "pull", ANNOTATE_DOCCANO_PASSWORD="not-the-password-2946")
    said["stderr of a wrong password"] = wrong.stderr + wrong.stdout
    assert codes == [6, 6, 6, 6, 0, 6, 6, 0, 0, 0], said
    assert wrong.returncode == 5

    secrets = secrets_of(bench, made)
    secrets["wrong password"] = b"not-the-password-2946"
    assert sum(name.startswith("token of") for name in secrets) >= 2
    folders = (made.study.root, bench.embedded.home / "logs", tmp_path)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 30
    written = {str(path): path.read_bytes() for path in files} | said
    found = [
        f"the {name} stands in {where}"
        for where, data in written.items()
        for name, one in secrets.items()
        if one in data
    ]
    assert not found, "\n".join(found)
