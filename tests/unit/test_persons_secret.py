"""Where an annotator's own password or token is looked up; it is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.core.errors import ConfigError
from annotate.store.secrets import PASSWORD_VARIABLE, PersonsSecret, find_persons_secret

URL = "https://doccano.example.org/below"


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ANNOTATE_DOCCANO_TOKEN_CLEO_X", f"{PASSWORD_VARIABLE}_CLEO_X"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return tmp_path


def test_the_service_accounts_password_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "of-the-service")
    with pytest.raises(ConfigError) as caught:
        find_persons_secret(URL, "cleo.x")
    assert f"{PASSWORD_VARIABLE}_CLEO_X" in caught.value.hint
    assert "of-the-service" not in str(caught.value) + caught.value.hint


def test_token_then_password_then_netrc(nothing_else: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = nothing_else / "netrc"
    netrc.write_text("machine doccano.example.org login cleo.x password from-netrc\n")
    netrc.chmod(0o600)
    assert find_persons_secret(URL, "cleo.x") == PersonsSecret("from-netrc")
    with pytest.raises(ConfigError):
        find_persons_secret(URL, "dan")
    monkeypatch.setenv(f"{PASSWORD_VARIABLE}_CLEO_X", "from-variable")
    assert find_persons_secret(URL, "cleo.x") == PersonsSecret("from-variable")
    monkeypatch.setenv("ANNOTATE_DOCCANO_TOKEN_CLEO_X", "a-token")
    found = find_persons_secret(URL, "cleo.x")
    assert found == PersonsSecret(token="a-token")
    assert "a-token" not in repr(found)
