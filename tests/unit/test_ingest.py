"""annotate ingest: plan and apply, problems all at once, conflicts, duplicates, interruptions."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from annotate.cli import corpus as corpus_cli
from annotate.cli import ingest as ingest_cli
from annotate.cli.context import choose_study
from annotate.core.errors import BadInput, Conflict, IntegrityFailure, StorageFailure, UsageError
from annotate.flows import corpus, ingest
from annotate.store.built import read_built, write_built
from annotate.store.registry import COLUMNS
from annotate.store.study import Study

ROOT = Path(__file__).parents[2]
HEADER = ",".join(COLUMNS[:8])
ONE = "Talks open\n\nAugust 20, 2025\n\nThe delegation arrived in the capital on Monday.\n"
TWO = "Brücke eröffnet\nVELPA, 2020-04-25\nDie Brücke wurde am Montag in Anwesenheit vieler Gäste eröffnet.\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    folder = tmp_path / "study"
    (folder / "corpus" / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "annotate.toml", folder)
    return Study(folder)


def put(study: Study, name: str, content: str | bytes) -> str:
    """Write a source and give its SHA-256."""
    data = content if isinstance(content, bytes) else content.encode()
    path = study.raw_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def run(study: Study, *paths: Path) -> bool:
    return ingest.apply(ingest.plan(study, paths))


def snapshot(study: Study) -> dict[str, bytes]:
    """Every file of the corpus but the lock."""
    files = (path for path in study.corpus.rglob("*") if path.is_file() and ".state" not in path.parts)
    return {path.relative_to(study.root).as_posix(): path.read_bytes() for path in files}


def test_the_first_run_writes_and_the_second_has_nothing_to_do(study: Study) -> None:
    digest = put(study, "one.txt", ONE)
    assert run(study) is True
    before = snapshot(study)
    assert before["corpus/sources.csv"].decode() == f"{','.join(COLUMNS)}\none.txt,{digest},,,,,,,\n"
    plan = ingest.plan(study)
    assert plan.changed is False
    assert ingest.apply(plan) is False
    assert snapshot(study) == before


def test_fields_of_the_files_that_others_read(study: Study) -> None:
    put(study, "one.txt", ONE)
    run(study)
    document = json.loads((study.built_dir / "documents.jsonl").read_text().splitlines()[0])
    wanted = ["document_id", "source_id", "source_file", "start", "end", "title", "byline", "agency"]
    wanted += ["publisher", "aggregator", "place", "published", "published_evidence", "language"]
    assert list(document)[: len(wanted)] == wanted
    assert document["published_evidence"]["text"] == "August 20, 2025"
    segment = json.loads((study.built_dir / "segments.jsonl").read_text().splitlines()[0])
    assert list(segment) == ["source_id", "source_file", "start", "end", "kind", "rule"]


def test_a_plan_writes_nothing(study: Study, tmp_path: Path) -> None:
    put(study, "one.txt", ONE)
    (tmp_path / "two.txt").write_text(TWO, encoding="utf-8")
    before = snapshot(study)
    plan = ingest.plan(study, [tmp_path / "two.txt"])
    assert plan.changed is True
    assert [copy.file for copy in plan.copies] == ["two.txt"]
    assert [row.file for row in plan.rows] == ["one.txt", "two.txt"]
    assert snapshot(study) == before


def test_files_from_elsewhere_are_copied_byte_for_byte(study: Study, tmp_path: Path) -> None:
    data = ("\ufeff" + TWO.replace("\n", "\r\n")).encode()
    (tmp_path / "two.txt").write_bytes(data)
    assert run(study, tmp_path / "two.txt") is True
    assert (study.raw_dir / "two.txt").read_bytes() == data
    assert run(study, tmp_path / "two.txt") is False
    assert run(study, study.raw_dir / "two.txt") is False
    assert [path.name for path in study.raw_dir.iterdir()] == ["two.txt"]


def test_a_file_is_never_copied_over_another(study: Study, tmp_path: Path) -> None:
    put(study, "one.txt", ONE)
    (tmp_path / "one.txt").write_text(TWO, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        run(study, tmp_path / "one.txt")
    assert "another file with the name one.txt" in str(caught.value.problems[0])
    assert (study.raw_dir / "one.txt").read_text(encoding="utf-8") == ONE


def test_rows_are_added_below_what_people_wrote(study: Study) -> None:
    first = put(study, "one.txt", ONE)
    written = f'\ufeff{HEADER}\r\none.txt,{first},,https://x.example,2025-11-01,me,CC0,"a, note"'.encode()
    study.sources_csv.write_bytes(written)
    second = put(study, "two.txt", TWO)
    run(study)
    assert study.sources_csv.read_bytes() == written + f"\r\ntwo.txt,{second},,,,,,\r\n".encode()


def unreadable(folder: Path) -> Path:
    """A regular file that this user cannot read; root reads any mode, but not the memory at address 0."""
    if os.geteuid() == 0:
        return Path("/proc/self/mem")
    path = folder / "locked.txt"
    path.write_bytes(b"x")
    path.chmod(0)
    return path


def bad_inputs(study: Study, tmp_path: Path) -> list[Path]:
    """One of each kind in the study and beside it; gives the paths to name on the command line."""
    good = put(study, "good.txt", ONE)
    put(study, "binary.txt", b"text\n\0\0")
    put(study, "broken.txt", "Größe\nund Länge\n".encode() + b"\xff\n")
    put(study, "changed.txt", "new\n")
    put(study, "badly-named\n.txt", "x\n")
    os.mkfifo(study.raw_dir / "pipe")
    (study.raw_dir / "dangling.txt").symlink_to("nowhere.txt")
    (tmp_path / "secret.txt").write_text("secret\n")
    (study.raw_dir / "escape.txt").symlink_to(tmp_path / "secret.txt")
    with (study.raw_dir / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)
    rows = [f"good.txt,{good},,,,,,", f"changed.txt,{'0' * 64},,,,,,", f"missing.txt,{'1' * 64},,,,,,"]
    rows += ["short.txt,12ab,,,tomorrow,,,", f"../../etc/passwd,{'2' * 64},,,,,,"]
    study.sources_csv.write_text("\n".join([HEADER, *rows]) + "\n")
    (tmp_path / "folder").mkdir()
    return [tmp_path / "folder", tmp_path / "absent.txt", unreadable(tmp_path)]


WANTED = {
    "corpus/raw/'badly-named\\n.txt': has characters that cannot be shown",
    "corpus/raw/binary.txt:2: is a binary file",
    "corpus/raw/broken.txt:3: byte 19",
    "corpus/raw/dangling.txt: is a symbolic link to nothing",
    "corpus/raw/escape.txt: is a symbolic link out of corpus/raw",
    "corpus/raw/huge.txt: has 200.0 MB or more",
    "corpus/raw/pipe: is no regular file",
    "corpus/sources.csv:3 changed.txt: corpus/raw/changed.txt changed since it was registered",
    "corpus/sources.csv:4 missing.txt: corpus/raw/missing.txt is missing",
    "corpus/sources.csv:5 short.txt: sha256 '12ab' is no SHA-256",
    "corpus/sources.csv:5 short.txt: retrieved_at 'tomorrow' is no RFC 3339 time",
    "corpus/sources.csv:6: file '../../etc/passwd' is not below corpus/raw",
    "folder: holds no files",
    "absent.txt: does not exist",
}


def test_every_problem_is_named_at_once_and_nothing_is_written(study: Study, tmp_path: Path) -> None:
    put(study, "good.txt", ONE)
    run(study)
    old = {name: data for name, data in snapshot(study).items() if "/built/" in name}
    paths = bad_inputs(study, tmp_path)
    with pytest.raises(BadInput) as caught:
        run(study, *paths)
    assert caught.value.exit_code == 4
    shown = [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]
    for wanted in {*WANTED, f"{unreadable(tmp_path)}: cannot be read".replace(f"{tmp_path}/", "")}:
        assert [line for line in shown if line.startswith(wanted)], (wanted, shown)
    assert len(shown) == len(WANTED) + 1
    assert {name: data for name, data in snapshot(study).items() if "/built/" in name} == old


def test_a_file_may_be_larger_when_one_says_so(study: Study) -> None:
    put(study, "one.txt", ONE)
    assert ingest.plan(study, max_size=10).problems
    assert not ingest.plan(study, max_size=1000).problems


def test_an_empty_corpus_says_what_to_do(study: Study) -> None:
    with pytest.raises(BadInput) as caught:
        run(study)
    assert "no sources" in str(caught.value.problems[0])


def test_an_empty_file_is_a_source_without_documents(study: Study) -> None:
    put(study, "empty.txt", b"")
    put(study, "one.txt", ONE)
    plan = ingest.plan(study)
    ingest.apply(plan)
    assert [(one.file, one.characters) for one in plan.built.sources if not one.size] == [("empty.txt", 0)]
    assert {one.source_file for one in plan.built.documents} == {"one.txt"}
    assert [note.what for note in plan.notes] == ["is empty: a source without documents"]
    assert corpus.check(study).violations == ()


def test_a_second_file_with_the_same_bytes_makes_no_documents(study: Study) -> None:
    put(study, "b.txt", ONE)
    run(study)
    put(study, "a.txt", ONE)
    plan = ingest.plan(study)
    ingest.apply(plan)
    assert {one.file: one.duplicate_of for one in plan.built.sources} == {"a.txt": "b.txt", "b.txt": None}
    assert [one.source_file for one in plan.built.documents] == ["b.txt"]
    assert any("same bytes as b.txt" in doubt.what for doubt in plan.doubts)
    assert corpus.check(study).violations == ()


def test_a_changed_source_is_a_problem_until_its_row_is_changed_and_then_a_conflict(study: Study) -> None:
    old = put(study, "one.txt", ONE)
    run(study)
    before = snapshot(study)
    new = put(study, "one.txt", TWO)
    with pytest.raises(BadInput, match="1 problem"):
        run(study)
    rewritten = study.sources_csv.read_text().replace(old, new)
    study.sources_csv.write_text(rewritten)
    with pytest.raises(Conflict) as caught:
        run(study)
    assert caught.value.exit_code == 7
    assert old in str(caught.value.problems[0])
    assert "another name" in caught.value.hint
    after = snapshot(study)
    assert {name for name in before if before[name] != after[name]} == {
        "corpus/raw/one.txt",
        "corpus/sources.csv",
    }
    # The way out that the message names.
    study.sources_csv.write_text(rewritten.replace(new, old))
    put(study, "one.txt", ONE)
    put(study, "one-2.txt", TWO)
    assert run(study) is True


def test_a_row_that_was_removed_does_not_hide_a_change(study: Study) -> None:
    put(study, "one.txt", ONE)
    run(study)
    put(study, "one.txt", TWO)
    study.sources_csv.write_text(f"{HEADER}\n")
    with pytest.raises(Conflict):
        run(study)


def test_a_damaged_build_is_made_anew(study: Study) -> None:
    put(study, "one.txt", ONE)
    run(study)
    before = snapshot(study)
    (study.built_dir / "sources.jsonl").write_text("{broken")
    (study.built_dir / "manifest.json").unlink()
    with pytest.raises(Exception, match="no documents yet"):
        read_built(study)
    assert run(study) is True
    assert snapshot(study) == before


@pytest.mark.parametrize("stage", ["copied", "registered", "half built"])
def test_an_interrupted_run_is_finished_by_the_next(study: Study, tmp_path: Path, stage: str) -> None:
    (tmp_path / "two.txt").write_text(TWO, encoding="utf-8")
    put(study, "one.txt", ONE)
    wanted = Study(tmp_path / "other")
    shutil.copytree(study.root, wanted.root)
    run(wanted, tmp_path / "two.txt")
    shutil.copy(tmp_path / "two.txt", study.raw_dir)
    if stage != "copied":
        shutil.copy(wanted.sources_csv, study.sources_csv)
    if stage == "half built":
        study.built_dir.mkdir()
        shutil.copy(wanted.built_dir / "sources.jsonl", study.built_dir)
    assert run(study, tmp_path / "two.txt") is True
    assert snapshot(study) == snapshot(wanted)


def test_sources_csv_edited_while_reading_is_not_overwritten(study: Study) -> None:
    put(study, "one.txt", ONE)
    plan = ingest.plan(study)
    study.sources_csv.write_text(f"{HEADER}\n")
    with pytest.raises(Conflict, match="changed while ingest was reading"):
        ingest.apply(plan)
    assert study.sources_csv.read_text() == f"{HEADER}\n"


def test_one_writer_at_a_time(study: Study) -> None:
    put(study, "one.txt", ONE)
    plan = ingest.plan(study)
    with study.writing("another"), pytest.raises(StorageFailure, match="another annotate command"):
        ingest.apply(plan)


def test_the_encoding_of_sources_csv_counts_and_a_guess_is_a_doubt(study: Study) -> None:
    digest = put(study, "one.txt", TWO.encode("cp1252"))
    plan = ingest.plan(study)
    assert any("cp1252" in doubt.what and "charset-normalizer" in doubt.what for doubt in plan.doubts)
    study.sources_csv.write_text(f"{HEADER}\none.txt,{digest},windows-1252,,,,,\n")
    plan = ingest.plan(study)
    assert [(one.encoding, one.encoding_evidence) for one in plan.built.sources] == [
        ("cp1252", "sources.csv")
    ]
    assert plan.doubts == ()


def test_a_third_language_and_a_short_text_are_doubts(study: Study) -> None:
    french = (
        "Les négociations\n\n20.08.2025\n\n"
        + "La délégation est arrivée lundi dans la capitale du pays. " * 3
    )
    put(study, "fr.txt", french)
    put(study, "short.txt", "Ja, gut.\n")
    by_file = {one.source_file: one for one in ingest.plan(study).built.documents}
    assert by_file["fr.txt"].language == "fr"
    assert any("not one of the study's" in doubt for doubt in by_file["fr.txt"].doubts)
    assert any("letters only" in doubt for doubt in by_file["short.txt"].doubts)


# --- annotate corpus ----------------------------------------------------------------------------------
def violations(study: Study) -> str:
    return "\n".join(str(problem) for problem in corpus.check(study).violations)


def test_check_proves_the_whole_sample_corpus(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus" / "raw", tmp_path / "corpus" / "raw")
    shutil.copy(ROOT / "annotate.toml", tmp_path)
    shutil.copy(ROOT / "corpus" / "sources.csv", tmp_path / "corpus")
    study = Study(tmp_path)
    run(study)
    report = corpus.check(study)
    assert report.violations == ()
    assert (report.sources, report.documents) == (19, 25)


def test_check_names_a_changed_byte_and_a_changed_row(study: Study) -> None:
    digest = put(study, "one.txt", ONE)
    run(study)
    put(study, "one.txt", ONE.replace("Monday", "Sunday"))
    assert "one.txt: its bytes are not those that were ingested" in violations(study)
    put(study, "one.txt", ONE)
    study.sources_csv.write_text(study.sources_csv.read_text().replace(digest, "0" * 64))
    assert "sources.csv:2 one.txt: has another SHA-256" in violations(study)
    study.sources_csv.unlink()
    assert "has no row" in violations(study)
    (study.raw_dir / "one.txt").unlink()
    assert "does not exist" in violations(study)


def test_check_names_a_hole_a_wrong_passage_and_wrong_evidence(study: Study) -> None:
    put(study, "one.txt", ONE)
    run(study)
    built = read_built(study)
    write_built(study, replace(built, segments=built.segments[:2] + built.segments[3:]))
    assert "does not follow on" in violations(study)
    write_built(study, replace(built, segments=built.segments[:-1]))
    assert "its segments end at" in violations(study)
    (passage,) = built.passages
    write_built(study, replace(built, passages=(replace(passage, text=passage.text + "!"),)))
    assert "pieces do not spell" in violations(study)
    (document,) = built.documents
    assert document.published_evidence is not None
    moved = replace(document, published_evidence=replace(document.published_evidence, start=0))
    write_built(study, replace(built, documents=(moved,)))
    assert "does not say" in violations(study)
    write_built(study, replace(built, documents=(replace(document, end=10_000),)))
    assert "out of the text" in violations(study)


def test_show_finds_documents_by_the_beginning_of_their_id_and_files_by_name(study: Study) -> None:
    put(study, "one.txt", ONE)
    put(study, "two.txt", TWO)
    run(study)
    first, second = corpus.list_documents(study)
    assert corpus.show(study, first.document_id[:10]).documents == (first,)
    shown = corpus.show(study, "two.txt")
    assert shown.documents == (second,)
    assert "".join(one.text for one in shown.segments) == TWO
    for name in ("doc-", "doc-zzz", "three.txt"):
        with pytest.raises(UsageError, match=name):
            corpus.show(study, name)


# --- the command line ---------------------------------------------------------------------------------
app = typer.Typer()
app.command()(ingest_cli.ingest)
app.add_typer(corpus_cli.app, name="corpus")


def invoke(study: Study, *arguments: str) -> str:
    choose_study(study.root)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_commands_print_what_was_read(study: Study) -> None:
    put(study, "one.txt", ONE)
    assert "Would be written" in invoke(study, "ingest", "--dry-run")
    assert not study.built_dir.exists()
    assert "1 documents, 1 passages" in invoke(study, "ingest")
    assert "Nothing to do" in invoke(study, "ingest")
    assert "2025-08-20  en  Talks open  [one.txt]" in invoke(study, "corpus", "list")
    shown = invoke(study, "corpus", "show", "one.txt")
    assert "        title | Talks open" in shown
    assert "     dateline | August 20, 2025" in shown
    assert "encodes back to its bytes" in invoke(study, "corpus", "check")


def test_the_commands_print_one_json_document(study: Study) -> None:
    put(study, "one.txt", ONE)
    report = json.loads(invoke(study, "ingest", "--json"))
    assert report["changed"] is True
    assert report["counts"]["documents"] == 1
    assert report["registered"] == ["one.txt"]
    assert json.loads(invoke(study, "corpus", "list", "--json"))[0]["title"] == "Talks open"
    assert json.loads(invoke(study, "corpus", "show", "one.txt", "--json"))["segments"][0]["kind"] == "title"
    assert json.loads(invoke(study, "corpus", "check", "--json"))["violations"] == []


def test_problems_and_violations_leave_with_their_exit_codes(study: Study) -> None:
    with pytest.raises(BadInput):
        invoke(study, "ingest", "--dry-run")
    put(study, "one.txt", ONE)
    invoke(study, "ingest")
    put(study, "one.txt", TWO)
    with pytest.raises(IntegrityFailure) as caught:
        invoke(study, "corpus", "check")
    assert caught.value.exit_code == 8


def test_a_source_cannot_steer_the_terminal(study: Study) -> None:
    put(
        study,
        "one.txt",
        "Talks \x1b[31m open\nThe [bold]delegation[/] \u202egnp.exe arrived in town on Monday.\n",
    )
    invoke(study, "ingest")
    shown = invoke(study, "corpus", "show", "one.txt") + invoke(study, "corpus", "list")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]delegation[/]" in shown


def test_a_folder_stands_for_the_files_in_it(study: Study, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    (pages / "2018").mkdir(parents=True)
    for name in ("a.txt", "2018/b.txt", ".hidden"):
        (pages / name).write_text(f"{name} came from Harnstad in the morning, the ministry said.\n")
    assert ingest.apply(ingest.plan(study, [pages]))
    assert [one.file for one in read_built(study).sources] == ["2018/b.txt", "a.txt"]
    assert (study.raw_dir / "2018" / "b.txt").read_bytes() == (pages / "2018" / "b.txt").read_bytes()
    assert not ingest.apply(ingest.plan(study, [pages]))


def test_a_page_of_one_line_is_never_without_a_document(study: Study) -> None:
    lines = ("Ein Satz vom 3. April 1970.", "VELPA, 2020-04-25", "A single line", "Von Meta Lindqvist")
    for number, line in enumerate(lines):
        (study.raw_dir / f"{number}.txt").write_text(line + "\n", encoding="utf-8")
    ingest.apply(ingest.plan(study))
    assert sorted(one.text for one in read_built(study).passages) == sorted(lines)
