"""The server's own environment: where it is, when it may be used, and what its failures say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from annotate.core.errors import ConfigError, ServerFailure, StorageFailure
from annotate.doccano.embedded.environment import (
    LOCK_FILE,
    Environment,
    build,
    check_python,
    count_packages,
    environment_directory,
    explain_failure,
)


def pins(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_lock_pins_every_package_once():
    found = pins(LOCK_FILE)
    assert "doccano==1.8.4" in found
    assert all(line.count("==") == 1 and line == line.strip() for line in found)
    names = [line.partition("==")[0].lower().replace("_", "-") for line in found]
    assert len(set(names)) == len(names) == count_packages(LOCK_FILE.read_text())


def test_lock_is_the_one_that_was_measured():
    measured = Path(__file__).parents[2].parent / "shared" / "doccano-server-lock.txt"
    if not measured.exists():
        pytest.skip("../shared is not here")
    assert pins(LOCK_FILE) == pins(measured)


def test_directory_is_named_after_doccano_lock_and_python(monkeypatch, tmp_path):
    monkeypatch.delenv("ANNOTATE_SERVER_ENV", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    digest = Environment(tmp_path).fingerprint[:12]
    minor = sys.version_info.minor
    assert environment_directory() == tmp_path / "annotate" / f"doccano-1.8.4-{digest}-py3{minor}"
    monkeypatch.setenv("ANNOTATE_SERVER_ENV", str(tmp_path / "mine"))
    assert environment_directory() == tmp_path / "mine"


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_pythons_that_will_do(version):
    check_python(version)


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7), (4, 0)])
def test_pythons_that_will_not(version):
    with pytest.raises(ConfigError, match=rf"3\.11 to 3\.13; this is {version[0]}\.{version[1]}"):
        check_python(version)


def test_when_an_environment_may_be_used(tmp_path):
    environment = Environment(tmp_path / "env")
    assert not environment.usable()
    assert environment.ours()
    environment.root.mkdir()
    assert environment.ours()
    (environment.root / "annotate-building").touch()
    (environment.root / "thesis.txt").touch()
    assert not environment.usable()
    assert environment.ours()
    (environment.root / "annotate-ready").write_text(environment.fingerprint)
    assert environment.usable()
    (environment.root / "annotate-ready").write_text("of another lock")
    assert not environment.usable()


def test_somebody_elses_doccano_may_be_used_and_their_files_are_not_removed(tmp_path):
    environment = Environment(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="neither empty nor a Doccano"):
        build(environment, print)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    (tmp_path / "lib/python3.11/site-packages/doccano-1.8.4.dist-info").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    environment.python.touch()
    assert environment.usable()
    assert build(environment, print) == environment.python
    assert not environment.ours()


@pytest.mark.parametrize(
    ("output", "error", "said"),
    [
        ("It was not created because ensurepip is not available.", ConfigError, "venv"),
        ("ERROR: OSError: [Errno 28] No space left on device", StorageFailure, "free"),
        ("error: command 'gcc' failed: No such file or directory", ServerFailure, "build-essential"),
        ("NewConnectionError: Temporary failure in name resolution", ServerFailure, "no network"),
        ("ERROR: No matching distribution found for doccano==1.8.4", ServerFailure, "no network"),
        ("ERROR: something new", ServerFailure, "last lines"),
    ],
)  # fmt: skip
def test_failures_are_explained(output, error, said):
    found = explain_failure(output)
    assert type(found) is error
    assert said in found.hint
    if error is ServerFailure:
        assert output in found.message


def small_lock(tmp_path: Path, text: str) -> Path:
    lock = tmp_path / "lock.txt"
    lock.write_text(text)
    return lock


@pytest.mark.server
def test_a_half_built_environment_is_built_anew_and_two_builders_take_turns(tmp_path):
    lock = small_lock(tmp_path, "# nothing\n")
    environment = Environment(tmp_path / "env", lock)
    environment.root.mkdir()
    (environment.root / "annotate-building").touch()
    (environment.root / "half").touch()
    code = (
        "import sys; from pathlib import Path; from annotate.doccano.embedded.environment import *;"
        "print(build(Environment(Path(sys.argv[1]), Path(sys.argv[2])), print), flush=True)"
    )
    command = [sys.executable, "-c", code, str(environment.root), str(lock)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all(text.endswith(f"{environment.python}\n") for text in said)
    assert sum("making the server's environment in" in text for text in said) == 1
    assert sum("half-built" in text for text in said) == 1
    assert environment.usable()
    assert not (environment.root / "half").exists()


@pytest.mark.server
def test_pip_that_fails_is_quoted_and_nothing_counts_as_built(tmp_path):
    environment = Environment(tmp_path / "env", small_lock(tmp_path, "./no-such-package-1.0.whl\n"))
    with pytest.raises(ServerFailure, match="no-such-package"):
        build(environment, print)
    assert not environment.usable()
    assert environment.ours()
