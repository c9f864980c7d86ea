"""Where the embedded server keeps its things, and what it says about itself."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import ConfigError, StorageFailure
from annotate.doccano.embedded.home import (
    Home,
    default_home,
    home_at,
    open_home,
    read_secret,
    service_credentials,
    write_atomically,
)
from annotate.doccano.embedded.launch import backend_path, server_environment, web_command, worker_command
from annotate.doccano.embedded.process import Process
from annotate.doccano.embedded.state import ServerState, read_state, write_state


def test_default_home_is_in_the_study_unless_doccano_home_says_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("DOCCANO_HOME", raising=False)
    assert default_home(tmp_path) == tmp_path / "corpus" / ".state" / "doccano"
    monkeypatch.setenv("DOCCANO_HOME", str(tmp_path / "elsewhere"))
    assert default_home(tmp_path) == tmp_path / "elsewhere"
    monkeypatch.setenv("DOCCANO_HOME", "  ")
    assert default_home(tmp_path) == tmp_path / "corpus" / ".state" / "doccano"


def test_open_home_makes_private_secrets_once(tmp_path):
    home = open_home(tmp_path / "a" / "home")
    secrets = {path: path.read_text() for path in (home.secret_key, home.service_password, home.control_key)}
    assert len(set(secrets.values())) == 3
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in (home.root, home.run, home.logs):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    again = open_home(tmp_path / "a" / "home")
    assert {path: path.read_text() for path in secrets} == secrets
    assert again == home
    assert service_credentials(home.root) == ("annotate-service", secrets[home.service_password].strip())


def test_a_home_is_the_same_through_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert home_at(tmp_path / "link").identity == home_at(tmp_path / "real").identity
    assert home_at(tmp_path / "link") != home_at(tmp_path / "other")


def test_home_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFailure, match="cannot make the server's home"):
        open_home(tmp_path / "file" / "home")


def test_secrets_that_are_missing_open_or_empty(tmp_path):
    with pytest.raises(ConfigError, match="never started"):
        service_credentials(tmp_path)
    secret = tmp_path / "secret"
    write_atomically(secret, "abc\n")
    assert read_secret(secret) == "abc"
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match="other users"):
        read_secret(secret)
    write_atomically(secret, "\n")
    with pytest.raises(ConfigError, match="empty"):
        read_secret(secret)


texts = st.text(max_size=20)
processes = st.builds(Process, st.integers(2, 2**22), texts)
states = st.builds(
    ServerState,
    processes,
    st.integers(1, 65535),
    st.dictionaries(st.sampled_from(["web", "worker"]), processes),
    st.dictionaries(st.sampled_from(["web", "worker"]), st.integers(0, 99)),
    texts,
)


@given(states)
def test_record_comes_back_as_it_was_written(tmp_path_factory, state):
    home = Home(tmp_path_factory.mktemp("state"))
    home.run.mkdir()
    write_state(home, state)
    assert read_state(home) == state


GOOD = {
    "supervisor": {"pid": 9, "started": "1"},
    "port": 1,
    "children": {},
    "restarts": {},
    "failure": "",
}


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        json.dumps({**GOOD, "port": "x"}),
        json.dumps({**GOOD, "children": [1]}),
        json.dumps({**GOOD, "supervisor": {"pid": 1, "started": "1"}}),
        json.dumps({**GOOD, "supervisor": {"pid": -1, "started": "1"}}),
        json.dumps({**GOOD, "children": {"web": {"pid": "12", "started": "1"}}}),
        json.dumps({name: value for name, value in GOOD.items() if name != "failure"}),
    ],
)
def test_a_broken_record_is_no_record(tmp_path, broken):
    home = open_home(tmp_path)
    assert read_state(home) is None
    home.state.write_text(json.dumps(GOOD))
    assert read_state(home) is not None
    home.state.write_text(broken)
    assert read_state(home) is None


def server_python(tmp_path: Path) -> Path:
    settings = tmp_path / "lib" / "python3.11" / "site-packages" / "backend" / "config" / "settings"
    settings.mkdir(parents=True)
    (settings / "production.py").touch()
    return tmp_path / "bin" / "python"


def test_server_programs_inherit_nothing_dangerous(tmp_path, monkeypatch):
    for name in (
        "STANDALONE",
        "HEADER_AUTH_USER_NAME",
        "DATABASE_URL",
        "DEBUG",
        "CELERY_BROKER_URL",
        "PYTHONPATH",
    ):
        monkeypatch.setenv(name, "evil")
    home = open_home(tmp_path / "home")
    environment = server_environment(home, server_python(tmp_path))
    assert "evil" not in environment.values()
    assert environment["DEBUG"] == "False"
    assert environment["DJANGO_SETTINGS_MODULE"] == "annotate_embedded.settings"
    assert environment["PYTHONPATH"].startswith(str(tmp_path / "lib"))
    secrets = {
        path.read_text().strip() for path in (home.secret_key, home.service_password, home.control_key)
    }
    assert not secrets & set(environment.values())


def test_an_environment_without_doccano_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no Doccano server"):
        backend_path(tmp_path / "bin" / "python")


def test_commands_bind_no_address_of_their_own():
    web = web_command(Path("/env/bin/python"), 7)
    assert web[web.index("--bind") + 1] == "fd://7"
    assert "solo" in worker_command(Path("/env/bin/python"))
