"""`annotate import`: what comes in, what stays out, what stays as it was; then export and verify."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import studies

from annotate.core.errors import (
    BadInput,
    ConfigError,
    Conflict,
    StorageFailure,
    UsageError,
)
from annotate.core.ids import sha256_hex
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.passages import cut_passages
from annotate.core.state import fold
from annotate.flows import export
from annotate.flows.history import read_history
from annotate.flows.importing import ImportReport, ImportRequest, import_labels
from annotate.flows.verify import examine, verify
from annotate.store.built import read_built, write_built
from annotate.store.ledger import ledger_files, read_ledger
from annotate.store.study import Study

FOREIGN = Path(__file__).parent.parent / "foreign"
PASSAGES = {one.source_file: one for one in studies.build().passages}
EMOJI, CRLF, EURO = (PASSAGES[name].text for name in studies.FILES)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return studies.write_study(tmp_path / "study")


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")


def entity(text: str, quote: str, label: str, number: int = 1, *, utf16: bool = False) -> dict[str, Any]:
    start = text.index(quote)
    end = start + len(quote)
    if utf16:
        units = Utf16Map(text)
        start, end = units.to_utf16(CodePoint(start)), units.to_utf16(CodePoint(end))
    return {"id": number, "label": label, "start_offset": start, "end_offset": end}


def record(text: str, *entities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": text, "entities": list(entities), "relations": [], **more}


def doccano(folder: Path, *records: dict[str, Any], name: str = "ada.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return path


def bring(study: Study, *files: Path, format: str = "doccano", **options: Any) -> ImportReport:
    return import_labels(study, ImportRequest(files, format, **options))


def exported(study: Study, table: str = "labels") -> list[dict[str, str]]:
    files = export.plan(study, "d").files
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"].decode(), newline="")))


def quotes(study: Study) -> list[tuple[str, str]]:
    return [(row["label"], row["quote"]) for row in exported(study) if row["origin"] == "imported"]


class TestDatasets:
    def test_labels_and_relations_become_rows_that_verify_proves(self, study: Study, tmp_path: Path) -> None:
        ends = (entity(EURO, "2018", "DATE", 1), entity(EURO, "Möller", "LOADED", 2))
        relation = {"id": 5, "from_id": 1, "to_id": 2, "type": "dates"}
        report = bring(study, doccano(tmp_path, record(EURO, *ends) | {"relations": [relation]}))
        assert (report.transaction, report.problems) == ("import-000001", ())
        export.apply(study, export.plan(study, "d"))
        assert verify(study, "d").problems == ()
        date, loaded = exported(study)
        assert (date["quote"], date["origin"], date["status"]) == ("2018", "imported", "draft")
        assert (date["annotator"], date["pull"]) == ("A1", "import-000001")
        empty = ("agent", "suggestion_id", "score", "scheme", "confirmed_at", "created_at")
        assert not any(date[name] for name in empty)
        assert not any(value for name, value in date.items() if name.startswith("doccano_"))
        (row,) = exported(study, "relations")
        assert (row["from_label_id"], row["to_label_id"]) == (date["label_id"], loaded["label_id"])

    def test_imported_labels_stand_beside_pulled_ones(self, labelled: Study, tmp_path: Path) -> None:
        shutil.copytree(labelled.root, tmp_path / "study")
        study = Study(tmp_path / "study")
        before = exported(study)
        bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")), name="carla.jsonl"))
        after = exported(study)
        assert [row for row in after if row["origin"] != "imported"] == before
        assert quotes(study) == [("DATE", "2018")]
        export.apply(study, export.plan(study, "d"))
        assert verify(study, "d").checked["quotes of labels"] == len(before) + 1

    def test_a_label_stays_when_the_build_no_longer_has_its_passage(
        self, study: Study, tmp_path: Path
    ) -> None:
        bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE"))))
        before = exported(study)
        lines = (study.built_dir / "passages.jsonl").read_text("utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if "c-euro.txt" not in line)
        (study.built_dir / "passages.jsonl").write_text(kept, "utf-8")
        manifest = json.loads((study.built_dir / "manifest.json").read_bytes())
        manifest["passages.jsonl"] = sha256_hex(kept.encode())
        (study.built_dir / "manifest.json").write_text(json.dumps(manifest))
        assert exported(study) == before

    def test_a_forged_row_is_found(self, study: Study, tmp_path: Path) -> None:
        bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE"))))
        export.apply(study, export.plan(study, "d"))
        path = study.exports_dir / "d" / "labels.csv"
        path.write_text(path.read_text("utf-8").replace(",imported,", ",manual,"), "utf-8")
        said = [problem.what for problem in examine(study, "d").problems]
        assert any("column origin: 'manual', but the ledger says 'imported'" in what for what in said)

    def test_a_name_that_left_the_scheme_is_set_aside(self, study: Study, tmp_path: Path) -> None:
        ends = (entity(EURO, "2018", "PUB", 1), entity(EURO, "Möller", "LOADED", 2))
        relation = {"id": 5, "from_id": 1, "to_id": 2, "type": "dates"}
        bring(study, doccano(tmp_path, record(EURO, *ends) | {"relations": [relation]}))
        scheme = study.scheme_dir / "scheme.toml"
        scheme.write_text(scheme.read_text("utf-8").replace('"PUB"', '"ISSUED"'), "utf-8")
        guide = study.scheme_dir / "guidelines.md"
        guide.write_text(guide.read_text("utf-8").replace("PUB", "ISSUED"), "utf-8")
        assert [(row["table"], row["reason"]) for row in exported(study, "quarantine")] == [
            ("labels", "label_not_in_scheme"),
            ("relations", "ends_not_in_labels"),
        ]


class TestRepeating:
    def test_the_same_file_adds_nothing(self, study: Study, tmp_path: Path) -> None:
        path = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")))
        bring(study, path)
        again = bring(study, path)
        assert (again.transaction, again.files[0].already) == (None, 1)
        assert len(ledger_files(study)) == 1

    def test_a_later_export_adds_what_is_new(self, study: Study, tmp_path: Path) -> None:
        bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE"))))
        more = record(EURO, entity(EURO, "2018", "DATE", 88), entity(EURO, "Möller", "LOADED", 89))
        report = bring(study, doccano(tmp_path, more))
        assert (report.transaction, report.files[0].labels, report.files[0].already) == (
            "import-000002",
            1,
            1,
        )
        assert quotes(study) == [("DATE", "2018"), ("LOADED", "Möller")]

    def test_two_people_may_say_the_same_and_one_person_twice_says_it_once(
        self, study: Study, tmp_path: Path
    ) -> None:
        once = entity(EURO, "2018", "DATE")
        one = doccano(tmp_path, record(EURO, once, {**once, "id": 2}))
        two = doccano(tmp_path, record(EURO, once), name="ben.jsonl")
        report = bring(study, one, two)
        assert [(file.labels, file.already) for file in report.files] == [(1, 1), (1, 0)]
        assert [row["annotator"] for row in exported(study)] == ["A1", "A2"]

    def test_unknown_people_are_not_taken_for_one(self, study: Study, tmp_path: Path) -> None:
        one = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")), name="all.jsonl")
        two = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE", 2)), name="unknown.jsonl")
        bring(study, one, two)
        assert [row["annotator"] for row in exported(study)] == ["", ""]

    def test_a_file_comes_in_with_one_set_of_options(self, study: Study, tmp_path: Path) -> None:
        path = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")))
        bring(study, path)
        with pytest.raises(Conflict) as caught:
            bring(study, path, annotator="ben", mapping=("DATE=PUB",))
        assert "with another annotator and another map" in str(caught.value.problems[0])
        assert len(ledger_files(study)) == 1

    def test_a_dry_run_reports_the_same_and_writes_nothing(self, study: Study, tmp_path: Path) -> None:
        path = doccano(
            tmp_path, record(EURO, entity(EURO, "2018", "DATE")), record("x y", entity("x y", "y", "PUB"))
        )
        dry = bring(study, path, dry_run=True)
        assert ledger_files(study) == []
        wet = bring(study, path)
        assert (dry.files, dry.problems) == (wet.files, wet.problems)
        assert (dry.transaction, wet.transaction) == (None, "import-000001")

    def test_another_writer_keeps_us_out(self, study: Study, tmp_path: Path) -> None:
        path = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")))
        with study.writing("test"), pytest.raises(StorageFailure):
            bring(study, path)


class TestOffsets:
    """The passage has emoji; ``Mai`` after them reads differently in the two units."""

    @pytest.mark.parametrize("utf16", [True, False])
    def test_a_label_behind_an_emoji_could_be_two(self, study: Study, tmp_path: Path, utf16: bool) -> None:
        path = doccano(tmp_path, record(EMOJI, entity(EMOJI, "3. Mai 2021", "DATE", utf16=utf16)))
        with pytest.raises(UsageError) as caught:
            bring(study, path)
        assert "--offsets utf-16" in caught.value.hint
        (problem,) = caught.value.problems
        assert (problem.line, "'3. Mai 2021'" in problem.what) == (1, True)
        assert ledger_files(study) == []
        bring(study, path, offsets="utf-16" if utf16 else "code-points")
        assert quotes(study) == [("DATE", "3. Mai 2021")]

    def test_before_any_emoji_there_is_nothing_to_choose(self, study: Study, tmp_path: Path) -> None:
        bring(study, doccano(tmp_path, record(EMOJI, entity(EMOJI, "Brücke", "LOADED"))))
        assert quotes(study) == [("LOADED", "Brücke")]

    def test_utf16_alone_is_possible_at_the_end_of_a_text(self, study: Study, tmp_path: Path) -> None:
        bring(study, doccano(tmp_path, record(EMOJI, entity(EMOJI, "Schweigen.", "LOADED", utf16=True))))
        assert quotes(study) == [("LOADED", "Schweigen.")]

    def test_code_points_alone_are_possible_where_utf16_would_halve_an_emoji(
        self, study: Study, tmp_path: Path
    ) -> None:
        # With two emoji before it, unit at + 3 is the middle of the party popper.
        at = EMOJI.index("🎉")
        place = {"id": 1, "label": "LOADED", "start_offset": at + 1, "end_offset": at + 3}
        bring(study, doccano(tmp_path, record(EMOJI, place)))
        assert quotes(study) == [("LOADED", "“ ")]

    def test_a_file_with_proof_of_both_stops(self, study: Study, tmp_path: Path) -> None:
        texts = "😀a", "b😀"
        late = {"id": 1, "label": "PUB", "start_offset": 2, "end_offset": 3}
        half = {"id": 2, "label": "PUB", "start_offset": 0, "end_offset": 2}
        path = doccano(tmp_path, record(texts[0], late), record(texts[1], half))
        with pytest.raises(UsageError) as caught:
            bring(study, path)
        assert [(one.line, one.what.split(":")[0]) for one in caught.value.problems] == [
            (1, "can only be utf-16"),
            (2, "can only be code-points"),
        ]

    def test_quotes_of_the_file_decide(self, study: Study, tmp_path: Path) -> None:
        start, end = EMOJI.index("3. Mai"), EMOJI.index("3. Mai") + len("3. Mai")
        results = [
            {
                "id": str(shift),
                "type": "labels",
                "value": {"start": start + shift, "end": end + shift, "text": "3. Mai", "labels": ["DATE"]},
            }
            for shift in (0, 3, 1)
        ]
        task = {"data": {"text": EMOJI}, "annotations": [{"result": results[1:], "completed_by": 1}]}
        path = tmp_path / "export.json"
        path.write_text(json.dumps([task]))
        report = bring(study, path, format="label-studio")
        assert quotes(study) == [("DATE", "3. Mai")]
        assert "but the file quotes '3. Mai'" in report.problems[0].what
        assert exported(study)[0]["status"] == "confirmed"

    def test_inception_counts_utf16(self, study: Study) -> None:
        layer = "webanno.custom.Claim:kind,webanno.custom.Dates"
        report = bring(study, FOREIGN / "inception.xmi", format="cas", layer=layer, annotator="ben")
        assert report.problems == ()
        assert quotes(study) == [("LOADED", "großen Lu\u0308gen 🎉"), ("DATE", "3. Mai 2021")]
        assert len(exported(study, "relations")) == 1


class TestPlaces:
    def test_the_whole_source_as_it_was_received(self, study: Study, tmp_path: Path) -> None:
        text = studies.text_of(studies.CRLF)
        bring(study, doccano(tmp_path, record(text, entity(text, "Su\u00adpreme Coun\u00adcil", "LOADED"))))
        (row,) = exported(study)
        assert (row["quote"], row["source_ranges"]) == ("Supreme Council", "27-29;30-40;41-44")

    @pytest.mark.parametrize("change", ["\r\n", "\ufeff", "blank"])
    def test_line_ends_marks_and_blank_lines_do_not_matter(
        self, study: Study, tmp_path: Path, change: str
    ) -> None:
        changed = {
            "\r\n": CRLF.replace("\n", "\r\n"),
            "\ufeff": "\ufeff" + CRLF,
            "blank": "\n\n" + CRLF.replace("\n\n", "\n\n \n\n") + "  ",
        }[change]
        report = bring(study, doccano(tmp_path, record(changed, entity(changed, "March 2019", "DATE"))))
        assert report.files[0].anchors == {"exact": 1}
        assert quotes(study) == [("DATE", "March 2019")]

    def test_labels_drawn_on_passages_of_an_earlier_build_come_back(
        self, labelled: Study, tmp_path: Path
    ) -> None:
        shutil.copytree(labelled.root, tmp_path / "study")
        study = Study(tmp_path / "study")
        built = read_built(study)
        old = next(one for one in built.passages if one.source_file == "c-euro.txt")
        document = next(one for one in built.documents if one.document_id == old.document_id)
        segments = [one for one in built.segments if one.source_id == old.source_id]
        new = cut_passages(document, segments, studies.text_of(studies.CP1252), length=30)
        kept = tuple(one for one in built.passages if one is not old)
        write_built(study, replace(built, passages=(*kept, *new)))
        ends = (entity(EURO, "Möller", "LOADED", 1), entity(EURO, old.text[20:36], "LOADED", 2))
        bring(study, doccano(tmp_path, record(EURO, *ends)))
        found = fold(read_ledger(study)).imports.labels.values()
        # One word stands in a passage of today; the other stretch only in the one that was pushed.
        assert {one.quote: one.passage_id for one in found} == {
            "Möller": new[-1].passage_id,
            old.text[20:36]: old.passage_id,
        }
        export.apply(study, export.plan(study, "d"))
        assert verify(study, "d").problems == ()

    def test_page_furniture_is_no_place(self, study: Study, tmp_path: Path) -> None:
        text = studies.text_of(studies.EMOJI)
        ends = [
            entity(text, one, "LOADED", number) for number, one in enumerate(["Übersicht", "[Teilen]"], 1)
        ]
        crossing = entity(text, "dankte.\n[Teilen] [Drucken]\nAm", "LOADED", 3)
        report = bring(study, doccano(tmp_path, record(text, *ends, crossing)), offsets="code-points")
        assert report.transaction is None
        assert [one.subject for one in report.problems] == ["LOADED 1", "LOADED 2", "LOADED 3"]
        assert all("no passage shows all of its words" in one.what for one in report.problems)

    def test_what_cannot_be_placed_is_listed_with_file_and_line(self, study: Study, tmp_path: Path) -> None:
        bad = [
            {"id": 1, "label": "PUB", "start_offset": 0, "end_offset": 10**15},
            {"id": 2, "label": "PUB", "start_offset": 5, "end_offset": 5},
            {"id": 3, "label": "PUB", "start_offset": -5, "end_offset": 5},
            entity(EURO, " ", "PUB", 4),
        ]
        relation = {"id": 9, "from_id": 1, "to_id": 7, "type": "dates"}
        path = doccano(
            tmp_path,
            record(EURO, entity(EURO, "2018", "DATE", 7), *bad) | {"relations": [relation]},
            record("nowhere", entity("nowhere", "now", "DATE")),
        )
        report = bring(study, path)
        assert [(Path(one.file).name, one.line, one.subject) for one in report.problems] == [
            ("ada.jsonl", 1, "PUB 1"),
            ("ada.jsonl", 1, "PUB 2"),
            ("ada.jsonl", 1, "PUB 3"),
            ("ada.jsonl", 1, "PUB 4"),
            ("ada.jsonl", 1, "dates 9"),
            ("ada.jsonl", 2, "DATE 1"),
        ]
        assert quotes(study) == [("DATE", "2018")]

    def test_a_changed_text_is_found_by_the_words_in_the_source_it_names(
        self, study: Study, tmp_path: Path
    ) -> None:
        text = "A new headline.\n" + EURO.replace(" aus", " nicht aus")
        name = {"meta": {"file": "c-euro.txt"}}
        path = doccano(
            tmp_path,
            record(text, entity(text, "Die Zahlung von 5 € fiel 2018", "LOADED"), **name),
            record("Möller: 2018", entity("Möller: 2018", "2018", "DATE", 2), **name),
        )
        report = bring(study, path)
        assert report.files[0].anchors == {"fuzzy": 1}
        assert [(one.line, "context" in one.what) for one in report.problems] == [(2, True)]
        (label,) = fold(read_ledger(study)).imports.labels.values()
        assert (label.anchor, 0.75 <= label.anchor_score < 1) == ("fuzzy", True)
        assert f"place fuzzy {label.anchor_score}" in read_history(study, label.label_id)[0].words


class TestBrat:
    def pair(self, folder: Path, name: str = "c-euro") -> Path:
        start = EURO.index("2018")
        (folder / f"{name}.txt").write_text(EURO + "\n", "utf-8")
        (folder / f"{name}.ann").write_text(f"T1\tDATE {start} {start + 4}\t2018\n", "utf-8")
        return folder / f"{name}.ann"

    def test_either_file_of_the_pair_will_do(self, study: Study, tmp_path: Path) -> None:
        ann = self.pair(tmp_path)
        report = bring(study, ann, ann.with_suffix(".txt"), format="brat", finished=True)
        assert len(report.files) == 1
        assert [(row["quote"], row["status"], row["annotator"]) for row in exported(study)] == [
            ("2018", "confirmed", "")
        ]

    def test_a_missing_text_is_named(self, study: Study, tmp_path: Path) -> None:
        ann = self.pair(tmp_path)
        ann.with_suffix(".txt").unlink()
        with pytest.raises(BadInput) as caught:
            bring(study, ann, format="brat")
        assert [one.file for one in caught.value.problems] == [str(tmp_path / "c-euro.txt")]

    def test_a_text_that_leads_out_of_the_folder_is_refused(self, study: Study, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        ann = self.pair(tmp_path / "in")
        secret = tmp_path / "secret.txt"
        secret.write_text(EURO)
        ann.with_suffix(".txt").unlink()
        ann.with_suffix(".txt").symlink_to(secret)
        with pytest.raises(BadInput) as caught:
            bring(study, ann, format="brat")
        assert "leads out of the folder" in caught.value.problems[0].what

    @pytest.mark.parametrize("name", ["...", "..%2f..%2fetc", "a\nb", "=cmd()", "con"])
    def test_a_name_is_only_a_name(self, study: Study, tmp_path: Path, name: str) -> None:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        ann = self.pair(tmp_path, name)
        bring(study, ann, format="brat")
        (batch,) = fold(read_ledger(study)).imports.batches.values()
        assert batch.file == ann.name
        there = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        ours = {ann, ann.with_suffix(".txt")}
        assert {path.parent.name for path in there - ours} <= {"ledger", ".state"}


class TestNames:
    def test_unknown_names_are_all_told_with_a_hint(self, study: Study, tmp_path: Path) -> None:
        ends = (entity(EURO, "2018", "Date", 1), entity(EURO, "Möller", "Who", 2))
        relation = {"id": 5, "from_id": 1, "to_id": 2, "type": "date"}
        with pytest.raises(UsageError) as caught:
            bring(study, doccano(tmp_path, record(EURO, *ends) | {"relations": [relation]}))
        assert [one.subject for one in caught.value.problems] == [
            "label 'Date'",
            "label 'Who'",
            "relation 'date'",
        ]
        assert caught.value.problems[2].hint == "did you mean 'dates'?"

    def test_the_map_renames_and_leaves_out(self, study: Study, tmp_path: Path) -> None:
        ends = (entity(EURO, "2018", "a=b", 1), entity(EURO, "Möller", "Who", 2))
        report = bring(study, doccano(tmp_path, record(EURO, *ends)), mapping=("a=b=DATE", "Who="))
        assert quotes(study) == [("DATE", "2018")]
        assert report.files[0].passed_over == {"labels that --map leaves out": 1}
        (label,) = fold(read_ledger(study)).imports.labels.values()
        assert (label.original_label, label.label) == ("a=b", "DATE")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"format": "docano"}, "there is no format"),
            ({"offsets": "bytes"}, "--offsets bytes is no unit"),
            ({"layer": "x"}, "--layer and --format cas go together"),
            ({"format": "cas"}, "--layer and --format cas go together"),
            ({"mapping": ("DATE",)}, "is not OLD=NEW"),
            ({"mapping": ("=DATE",)}, "is not OLD=NEW"),
            ({"mapping": ("DATE=PUB", "DATE=LOADED")}, "two meanings"),
            ({"mapping": ("DATE=GHOST",)}, "mean nothing in scheme"),
            ({"mapping": ("DTAE=PUB",)}, "--map names what no file has: DTAE"),
            ({"annotator": "a\nb"}, "--annotator is a name on one line"),
        ],
    )
    def test_options_that_do_not_fit(
        self, study: Study, tmp_path: Path, options: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(UsageError, match=said):
            bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE"))), **options)

    def test_broken_files_are_all_told_and_nothing_comes_in(self, study: Study, tmp_path: Path) -> None:
        good = doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE")))
        bad = tmp_path / "bad.jsonl"
        bad.write_text('{\n{"text": 1}\n')
        with pytest.raises(BadInput) as caught:
            bring(study, good, bad, tmp_path / "gone.jsonl", tmp_path)
        assert [(Path(one.file).name, one.line) for one in caught.value.problems] == [
            ("bad.jsonl", 1),
            ("bad.jsonl", 2),
            ("gone.jsonl", 0),
            (tmp_path.name, 0),
        ]
        assert ledger_files(study) == []

    def test_a_study_without_documents(self, study: Study, tmp_path: Path) -> None:
        shutil.rmtree(study.built_dir)
        with pytest.raises(ConfigError, match="no documents"):
            bring(study, doccano(tmp_path, record(EURO, entity(EURO, "2018", "DATE"))))


class TestCommand:
    def run(self, study: Study, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "annotate", "--study", str(study.root), *words],
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def test_orphans_are_listed_and_the_rest_is_done(self, study: Study, tmp_path: Path) -> None:
        path = doccano(
            tmp_path,
            record(EURO, entity(EURO, "2018", "When")),
            record("nowhere", entity("nowhere", "now", "When", 2)),
        )
        done = self.run(study, "import", str(path), "--format", "doccano", "--map", "When=DATE", "--json")
        assert done.returncode == 10, done.stderr
        report = json.loads(done.stdout)
        assert report["transaction"] == "import-000001"
        assert report["files"][0]["anchors"] == {"exact": 1}
        assert "ada.jsonl:2 When 2: its text is not in the study" in done.stderr
        again = self.run(study, "import", str(path), "--format", "doccano", "--map", "When=DATE")
        assert again.stdout == "nothing new: 1 there already\n"
