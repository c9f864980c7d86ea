"""annotate.toml, the study's paths and lock, and where passwords come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.core.errors import ConfigError, StorageFailure
from annotate.store import secrets
from annotate.store.config import read_config
from annotate.store.files import replace_file
from annotate.store.study import Study, find_study

GOOD = """
[study]
id = "0123456789"
name = "A study"

[[annotators]]
user = "maria"
pseudonym = "A1"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "annotate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD))
    assert config.server.url == "embedded"
    assert config.study.languages == ("de", "en")
    assert config.pass_settings("spans").suggest == ("stated_dates",)
    assert not config.study.sample


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("pseudonym", "psuedonym"), "did you mean `pseudonym`"),
        (('name = "A study"', "name = 3"), "Expected `str`"),
        (("[study]", "[study"), "not valid TOML"),
        (('id = "0123456789"', 'id = "x/y"'), "study.id"),
        (('user = "maria"', 'user = "ma/ria"'), "'ma/ria'"),
        (('user = "maria"', 'user = "annotate-service"'), "service account"),
        (('pseudonym = "A1"', 'pseudonym = "A1"\nscripted = true'), "no sample study"),
        (('name = "A study"', 'name = "A study"\nscheme = "../x"'), "no folder name"),
        (("[[annotators]]", '[server]\nurl = "doccano.example"\n[[annotators]]'), "server.url"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, GOOD.replace(*change)))
    shown = " ".join([caught.value.message, *map(str, caught.value.problems)])
    assert said in shown
    assert caught.value.exit_code == 3


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    twice = GOOD + '[[annotators]]\nuser = "maria"\npseudonym = "A1"\n'
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, twice))
    assert len(caught.value.problems) == 2


def test_a_study_is_found_from_inside_and_its_absence_is_said(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    inside = tmp_path / "corpus" / "raw"
    inside.mkdir(parents=True)
    assert find_study(inside).root == tmp_path.resolve()
    with pytest.raises(ConfigError, match="not inside a study"):
        find_study(Path(tmp_path.anchor))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    one, two = Study(tmp_path), Study(tmp_path)
    with one.writing("push"), pytest.raises(StorageFailure, match="another annotate command"):
        two.writing("pull").__enter__()
    with two.writing("pull"):
        pass


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine doccano.example login svc password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv(secrets.PASSWORD_VARIABLE, raising=False)
    assert secrets.find_password("https://doccano.example/d", "svc") == "from-netrc"
    monkeypatch.setenv(secrets.PASSWORD_VARIABLE, "from-environment")
    assert secrets.find_password("https://doccano.example/d", "svc") == "from-environment"


def test_no_password_names_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv(secrets.PASSWORD_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="no password") as caught:
        secrets.find_password("https://doccano.example", "svc")
    assert secrets.PASSWORD_VARIABLE in caught.value.hint
    assert "netrc" in caught.value.hint


def test_a_netrc_entry_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine doccano.example login other password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv(secrets.PASSWORD_VARIABLE, raising=False)
    with pytest.raises(ConfigError):
        secrets.find_password("https://doccano.example", "svc")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.jsonl"
    replace_file(target, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFailure, match="No space left") as caught:
        replace_file(target, b"new")
    assert caught.value.exit_code == 9
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


JUDGE = """
[adjudication]
user = "helena"
"""


def test_an_adjudicator_is_nobody_else(tmp_path: Path) -> None:
    judge = read_config(write(tmp_path, GOOD + JUDGE)).adjudication
    assert judge is not None
    assert (judge.user, judge.pseudonym, judge.blind, judge.scripted) == ("helena", "J1", True, False)
    wrong = JUDGE.replace("helena", "maria") + 'pseudonym = "A1"\nscripted = true\n'
    with pytest.raises(ConfigError) as failed:
        read_config(write(tmp_path, GOOD + wrong))
    told = " ".join(problem.what for problem in failed.value.problems)
    assert "an account of its own" in told
    assert "an annotator's pseudonym" in told
    assert "no sample study" in told
