"""Sources that may not be passed on: stand-off in every format, and back again by `annotate hydrate`."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import studies

from annotate.core.dataset.standoff import QUOTE, hydrated, restricted, stand_off
from annotate.core.errors import BadInput, ConfigError, Conflict, IntegrityFailure, UsageError
from annotate.core.ids import text_sha256
from annotate.flows import export, hydrate, verify
from annotate.flows.export import ExportOptions
from annotate.flows.formats import available
from annotate.store.registry import parse_registry
from annotate.store.study import Study

CLOSED = ("a-emoji.txt", "b-crlf.txt")


def close(study: Study, told: str = "no", files: tuple[str, ...] = CLOSED) -> None:
    lines = study.sources_csv.read_text("utf-8").split("\n")
    shut = [
        line.removesuffix("yes") + told if line.startswith(tuple(f"{name}," for name in files)) else line
        for line in lines
    ]
    study.sources_csv.write_text("\n".join(shut), "utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = studies.nasty_study(tmp_path_factory.mktemp("rights") / "study")
    close(made)
    return made


@pytest.fixture(scope="module")
def exported(study: Study) -> Path:
    """The stand-off dataset, in all formats."""
    export.apply(study, export.plan(study, "part", ExportOptions(formats=available())))
    return study.exports_dir / "part"


def rows(files: Mapping[str, bytes], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"].decode("utf-8"), newline="")))


def folder(path: Path) -> dict[str, bytes]:
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}


class TestLeftOut:
    def test_passages_lose_their_text_and_labels_what_is_around_them(self, exported: Path) -> None:
        files = folder(exported)
        for row in rows(files, "passages"):
            assert bool(row["text"]) is (row["source_file"] not in CLOSED)
        seen = set()
        for row in rows(files, "labels"):
            closed = row["source_file"] in CLOSED
            seen.add(closed)
            assert bool(row["prefix"] or row["suffix"]) is not closed
            assert row["quote_sha256"] == text_sha256(row["quote"])
        assert seen == {True, False}
        assert json.loads(files["dataset.json"])["options"]["standoff"] is True

    def test_no_file_of_any_format_holds_the_text(self, exported: Path) -> None:
        """Words of the closed sources that nobody labelled are nowhere, in whatever format."""
        for name, data in folder(exported).items():
            for words in ("folgte die Antwort", "sprach von", "Supreme Council met in"):
                assert words.encode() not in data, name

    def test_the_full_one_has_it(self, study: Study) -> None:
        files = export.plan(study, "part", ExportOptions(full_text=True)).files
        assert all(row["text"] for row in rows(files, "passages"))
        assert b"folgte die Antwort" in files["passages.csv"]
        assert json.loads(files["dataset.json"])["options"]["standoff"] is False

    def test_unknown_counts_as_no(self, tmp_path: Path) -> None:
        study = studies.nasty_study(tmp_path / "study")
        close(study, "")
        assert export.plan(study, "d").closed == 2

    def test_a_long_quote_is_cut(self, study: Study) -> None:
        whole = export.material_of(study, "d", ExportOptions(full_text=True)).dataset
        passage = next(row for row in whole.passages if row.source_file == "a-emoji.txt")
        row = next(one for one in whole.labels if one.passage_id == passage.passage_id)
        long = replace(row, start=0, end=120, quote=passage.text[:120], prefix="")
        long = replace(long, suffix=passage.text[120:152], quote_sha256=text_sha256(passage.text[:120]))
        labels = tuple(long if one is row else one for one in whole.labels)
        cut = stand_off(replace(whole, labels=labels))
        found = next(one for one in cut.labels if one.label_id == row.label_id)
        assert found.quote == passage.text[:QUOTE]
        texts = {row.source_id: studies.text_of(studies.FILES[row.source_file][1]) for row in whole.passages}
        back, wrong = hydrated(cut, texts)
        assert (wrong, back.labels) == ((), labels)

    def test_one_no_decides_then_one_yes(self, study: Study) -> None:
        row = export.material_of(study, "d", ExportOptions()).dataset.sources[0]
        told = {"x": ("yes", "no"), "y": ("yes", ""), "z": ("",), "n": ("no", "")}
        found = [
            replace(row, source_id=key, redistribution=one) for key, all_ in told.items() for one in all_
        ]
        assert restricted(found) == {"x", "z", "n"}


class TestVerify:
    def test_it_is_proven_in_its_study_and_alone(self, study: Study, exported: Path, tmp_path: Path) -> None:
        report = verify.examine(study, "part")
        assert report.problems == ()
        assert report.checked["quotes of labels"] == 14
        alone = shutil.copytree(exported, tmp_path / "alone")
        assert verify.examine_folder(alone).problems == ()

    @pytest.mark.parametrize("column", ["quote", "quote_sha256", "prefix", "source_ranges"])
    def test_a_changed_cell_is_found_alone(self, exported: Path, tmp_path: Path, column: str) -> None:
        alone = shutil.copytree(exported, tmp_path / "alone")
        path = alone / "labels.csv"
        found = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
        row = next(one for one in found if one["source_file"] in CLOSED)
        row[column] = (
            "0" * 64 if column.endswith("256") else "1-2" if column == "source_ranges" else "changed"
        )
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
        problems = verify.examine_folder(alone).problems
        assert any(one.subject == row["label_id"] for one in problems)


class TestHydrate:
    def test_byte_for_byte_the_full_export(self, study: Study, exported: Path, tmp_path: Path) -> None:
        # Under other names, in other folders: what counts is the bytes.
        (tmp_path / "mine" / "deep").mkdir(parents=True)
        shutil.copy(study.raw_dir / CLOSED[0], tmp_path / "mine" / "deep" / "x")
        shutil.copy(study.raw_dir / CLOSED[1], tmp_path / "mine" / "y.bin")
        report = hydrate.apply(hydrate.plan(exported, tmp_path / "mine", tmp_path / "full"))
        full = export.plan(study, "part", ExportOptions(full_text=True, formats=available()))
        assert folder(tmp_path / "full") == dict(full.files)
        assert set(report.sources) == set(CLOSED)
        assert report.notes == ()

    def test_every_missing_and_wrong_source_is_named(self, exported: Path, tmp_path: Path) -> None:
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / CLOSED[0]).write_bytes(b"another edition")
        with pytest.raises(IntegrityFailure) as caught:
            hydrate.plan(exported, mine, tmp_path / "full")
        told = {one.file: one.what for one in caught.value.problems}
        assert "not those of the source" in told[CLOSED[0]]
        assert "is not there" in told[CLOSED[1]]
        assert not (tmp_path / "full").exists()

    def test_a_dataset_that_was_changed_is_refused(
        self, study: Study, exported: Path, tmp_path: Path
    ) -> None:
        changed = shutil.copytree(exported, tmp_path / "changed")
        with (changed / "labels.csv").open("ab") as file:
            file.write(b"\n")
        with pytest.raises(BadInput):
            hydrate.plan(changed, study.raw_dir, tmp_path / "full")

    def test_what_it_does_not_do(self, study: Study, exported: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            hydrate.plan(tmp_path, study.raw_dir)
        (tmp_path / "there").mkdir()
        with pytest.raises(Conflict):
            hydrate.plan(exported, study.raw_dir, tmp_path / "there")
        full = hydrate.apply(hydrate.plan(exported, study.raw_dir, tmp_path / "full"))
        assert full.passages == 2
        with pytest.raises(UsageError):
            hydrate.plan(tmp_path / "full", study.raw_dir)

    def test_another_version_is_refused(
        self, study: Study, exported: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hydrate, "__version__", "99")
        with pytest.raises(ConfigError):
            hydrate.plan(exported, study.raw_dir)


class TestRegistry:
    HEAD = "file,sha256,encoding,retrieved_from,retrieved_at,retrieved_by,rights,note"

    def test_every_bad_word_is_reported(self) -> None:
        rows = [
            f"{n}.txt,{'a' * 64},,,,,,,{word}" for n, word in enumerate(["yes", "maybe", "NO ", "", "ja"])
        ]
        registry = parse_registry("\n".join([f"{self.HEAD},redistribution", *rows]).encode())
        assert [(one.line, "redistribution" in one.what) for one in registry.problems] == [
            (3, True),
            (6, True),
        ]
        assert [row.redistribution for row in registry.rows][2] == "no"

    def test_files_of_earlier_versions_are_read(self) -> None:
        registry = parse_registry(f"{self.HEAD}\nx.txt,{'a' * 64},,,,,,\n".encode())
        assert (registry.problems, registry.rows[0].redistribution) == ((), "")
