"""The command line as a user meets it: help everywhere, one sentence for a mistake, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from command import annotate

from annotate.cli.app import app
from annotate.core import errors


def process(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "annotate", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from commands(child, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_and_option_says_what_it_is(path: tuple[str, ...], command: object) -> None:
    assert command.help, path
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name} has no help"


def test_the_commands_of_the_design_are_there() -> None:
    found = {" ".join(path) for path, _ in ALL}
    wanted = {
        *(
            "init",
            "demo",
            "ingest",
            "suggest",
            "push",
            "status",
            "pull",
            "export",
            "verify",
            "import",
            "history",
        ),
        *("corpus list", "corpus show", "corpus check", "scheme check"),
        *(f"server {verb}" for verb in ("start", "stop", "status", "logs", "add-user")),
    }
    assert wanted <= found


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=" ".join)
def test_help_works_anywhere(path: tuple[str, ...], tmp_path: Path) -> None:
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_loads_neither_spacy_nor_pandas(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom annotate.cli import app\nsys.argv=['annotate','--help']\n"
        "try:\n    app.main()\nexcept SystemExit:\n    pass\n"
        "heavy={'spacy','pandas','numpy','requests','doccano_client','pydantic'}&set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("push",), 3, "not inside a study"),
        (("nonsense",), 2, "nonsense"),
        (("push", "--bogus"), 2, "--bogus"),
        (("init",), 2, "DIR"),
        (("init", "new", "--language", "../x"), 2, "no language code"),
    ],
)
def test_mistakes_get_one_sentence_and_no_traceback(
    words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = annotate(*words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_process_leaves_as_the_command_line_does(tmp_path: Path) -> None:
    """Every other test of a command line stays in this process; this one shows that it may."""
    for words in (("push",), ("init", "new", "--json")):
        (here := tmp_path / "here").mkdir()
        done = process(*words, cwd=here)
        shutil.rmtree(here)
        here.mkdir()
        mine = annotate(*words, cwd=here)
        shutil.rmtree(here)
        assert (done.returncode, done.stdout, done.stderr) == (mine.returncode, mine.stdout, mine.stderr)


def test_a_new_study_is_ready_and_is_not_made_twice(tmp_path: Path) -> None:
    made = annotate("init", "a study", "--json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    root = Path(json.loads(made.stdout)["root"])
    assert (root / "schemas" / "source-criticism" / "scheme.toml").is_file()
    assert annotate("scheme", "check", cwd=root).returncode == 0
    again = annotate("init", "a study", cwd=tmp_path)
    assert again.returncode == 7
    assert "is a study already" in again.stderr


def test_a_study_before_its_first_source_says_what_comes_next(tmp_path: Path) -> None:
    annotate("init", "s", cwd=tmp_path)
    root = tmp_path / "s"
    for words, code, said in (
        (("ingest",), 4, "no sources"),
        (("corpus", "list"), 3, "annotate ingest"),
        (("suggest",), 3, "annotate ingest"),
        (("push",), 3, "no annotators"),
        (("status",), 3, "no annotators"),
        (("pull",), 3, "annotate push"),
        (("export", "x"), 3, ""),
        (("verify", "x"), 2, "x"),
    ):
        done = annotate(*words, cwd=root)
        assert (done.returncode, said in done.stderr) == (code, True), (words, done.stderr)


def test_the_server_that_is_not_running_is_named(tmp_path: Path) -> None:
    annotate("init", "s", cwd=tmp_path)
    root = tmp_path / "s"
    config = root / "annotate.toml"
    config.write_text(config.read_text() + '\n[[annotators]]\nuser = "maria"\npseudonym = "A1"\n')
    (root / "corpus" / "raw" / "a.txt").write_text(
        "Am 3. April 1970 kamen beide Seiten in Harnstad zusammen und unterschrieben.\n", encoding="utf-8"
    )
    assert annotate("ingest", cwd=root).returncode == 0
    done = annotate("push", cwd=root)
    assert done.returncode == 6
    assert "annotate server start" in done.stderr


def test_every_error_has_its_own_exit_code_and_they_are_documented() -> None:
    kinds = errors.AnnotateError.__subclasses__()
    codes = [kind.exit_code for kind in kinds]
    assert sorted(codes) == list(range(2, 12))
    page = Path("docs/errors.md").read_text(encoding="utf-8")
    for code in codes:
        assert f"| {code} |" in page
    drawn = errors.__doc__ or ""
    for kind in kinds:
        assert kind.__name__ in drawn
        assert errors.exit_code_of(kind("x")) == kind.exit_code
    assert errors.exit_code_of(KeyboardInterrupt()) == 130
    assert errors.exit_code_of(RuntimeError()) == 1


def test_a_problem_says_place_subject_and_what_to_do() -> None:
    problem = errors.Problem("sources.csv", 3, "is gone", "put it back", "a.txt")
    assert str(problem) == "sources.csv:3 a.txt: is gone (put it back)"
    assert str(errors.Problem("", 0, "is gone")) == "is gone"
