"""`annotate diff`: two datasets, every change named once; folders without a study too."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from annotate.cli.app import app
from annotate.core.dataset.difference import KINDS, Table, by_group, difference, transitions
from annotate.core.errors import BadInput, UsageError
from annotate.flows import diff, export
from annotate.store.study import Study

COLUMNS = ("label_id", "label", "source_id", "source_start", "source_end", "layer", "annotator", "status")


def label(
    number: str, name: str = "DATE", start: int = 0, end: int = 5, who: str = "A1", **more: str
) -> dict[str, str]:
    place = {"source_id": "src-1", "source_start": str(start), "source_end": str(end)}
    return {
        "label_id": number,
        "label": name,
        **place,
        "layer": "frame",
        "annotator": who,
        "status": "draft",
    } | more


def table(
    *rows: Mapping[str, str], name: str = "labels", columns: tuple[str, ...] = COLUMNS
) -> dict[str, Table]:
    return {name: Table(name, (columns[0],), columns, rows)}


def changes(before: dict[str, Table], after: dict[str, Table]) -> list[tuple[str, str, str]]:
    [found] = difference(before, after).tables
    return [(one.kind, one.old_key, one.key) for one in found.changes]


class TestMatching:
    def test_the_same_id_is_the_same_label(self) -> None:
        found = changes(table(label("a")), table(label("a", status="confirmed")))
        assert found == [("changed", "", "a")]

    def test_what_came_and_what_went(self) -> None:
        found = changes(table(label("a")), table(label("b", start=50, end=55)))
        assert found == [("added", "", "b"), ("removed", "", "a")]

    def test_a_boundary_moved_by_delete_and_draw(self) -> None:
        assert changes(table(label("a")), table(label("b", end=8))) == [("moved", "a", "b")]

    def test_another_label_over_the_same_words(self) -> None:
        assert changes(table(label("a")), table(label("b", "PUB"))) == [("relabelled", "a", "b")]

    def test_another_label_over_other_words_is_another_label(self) -> None:
        found = changes(table(label("a")), table(label("b", "PUB", end=8)))
        assert [kind for kind, _, _ in found] == ["added", "removed"]

    def test_two_people_never_share_a_label(self) -> None:
        found = changes(table(label("a")), table(label("b", who="A2")))
        assert [kind for kind, _, _ in found] == ["added", "removed"]

    def test_the_larger_share_wins_and_each_is_matched_once(self) -> None:
        after = table(label("near", start=0, end=6), label("far", start=4, end=12))
        assert changes(table(label("a")), after) == [("added", "", "far"), ("moved", "a", "near")]

    def test_a_server_made_anew_changes_ids_and_nothing_else(self) -> None:
        before = table(*(label(f"a{at}", start=at * 9, end=at * 9 + 3) for at in range(5)))
        after = table(*(label(f"b{at}", start=at * 9, end=at * 9 + 3) for at in range(5)))
        [found] = difference(before, after).tables
        assert [(one.kind, one.old_key, one.key) for one in found.changes] == [
            ("changed", f"a{at}", f"b{at}") for at in range(5)
        ]
        assert found.cells() == {"label_id": 5}

    def test_columns_and_tables_that_one_side_lacks_are_said_and_not_compared(self) -> None:
        before = table(label("a", old="1"), columns=(*COLUMNS, "old")) | table(name="gone")
        after = table(label("a", new="2"), columns=(*COLUMNS, "new")) | table(name="gold")
        found = difference(before, after)
        labels = found.table("labels")
        assert labels
        assert (labels.same, labels.changes) == (1, ())
        assert (labels.only_before, labels.only_after) == (("old",), ("new",))
        assert (found.only_before, found.only_after) == (("gone",), ("gold",))
        assert found.differs

    def test_groups_and_transitions_count_changes(self) -> None:
        before = table(label("a"), label("b", start=10, end=15), label("c", "PUB", 20, 25, "A2"))
        after = table(label("a", status="confirmed"), label("b", start=10, end=15, status="confirmed"))
        [found] = difference(before, after).tables
        assert by_group(found, "label")["PUB"] == {**dict.fromkeys(KINDS, 0), "removed": 1}
        assert by_group(found, "annotator")["A1"]["changed"] == 2
        assert transitions(found, "status") == {("draft", "confirmed"): 2}


rows_of = st.lists(
    st.tuples(
        st.sampled_from(["DATE", "PUB"]), st.integers(0, 20), st.integers(1, 8), st.sampled_from(["A1", "A2"])
    ),
    max_size=8,
)


@given(rows_of, rows_of, st.integers(0, 8))
def test_every_row_is_accounted_for(one: list, two: list, shared: int) -> None:
    """Each row of either side is the same, changed, came or went: exactly one of these."""
    before = [
        label(f"i{at}", name, start, start + long, who) for at, (name, start, long, who) in enumerate(one)
    ]
    after = [
        label(f"{'i' if at < shared else 'j'}{at}", name, start, start + long, who)
        for at, (name, start, long, who) in enumerate(two)
    ]
    [found] = difference(table(*before), table(*after)).tables
    kept = found.same + sum(found.count(kind) for kind in ("moved", "relabelled", "changed"))
    assert kept + found.count("added") == len(after)
    assert kept + found.count("removed") == len(before)
    assert not difference(table(*before), table(*before)).differs


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study after its first pull and after its second, as dataset folders away from any study."""
    root = tmp_path_factory.mktemp("diff")
    study = studies.once_pulled_study(root / "study")
    export.apply(study, export.plan(study, "first"))
    studies.pulled_again(study)
    export.apply(study, export.plan(study, "second"))
    shutil.copytree(study.exports_dir, root / "away")
    return root


def compared(folders: Path) -> diff.DiffReport:
    return diff.diff(str(folders / "away" / "first"), str(folders / "away" / "second"), None)


class TestDatasets:
    def test_what_happened_between_two_pulls(self, folders: Path) -> None:
        report = compared(folders)
        labels = report.difference.table("labels")
        assert labels
        told = [(one.kind, one.label, one.quote) for one in labels.changes if one.annotator == "A1"]
        assert told == [
            ("added", "LOADED", "😀 Die"),
            ("removed", "LOADED", "Ministerin"),
            ("moved", "LOADED", "5 € fiel"),
        ]
        moved = next(one for one in labels.changes if one.kind == "moved")
        cells = {cell.column: (cell.before, cell.after) for cell in moved.cells}
        assert cells["quote"] == ("€ fiel", "5 € fiel")
        assert cells["source_start"] == ("18", "16")
        # Two of ben's passages were edited and deleted meanwhile: what stood on them is set aside.
        gone = {one.label for one in labels.changes if one.kind == "removed" and one.annotator == "A2"}
        assert gone == {"LOADED", "DATE"}
        aside = report.difference.table("quarantine")
        assert aside
        assert {one.status for one in aside.changes if one.kind == "added"} >= {"passage_edited"}
        states = report.difference.table("assignments")
        assert states
        assert transitions(states, "status") == {("open", "edited"): 1, ("open", "vanished"): 1}

    def test_the_numbers_add_up(self, folders: Path) -> None:
        record = compared(folders).record()
        for name, one in record["tables"].items():
            kept = one["same"] + one["moved"] + one["relabelled"] + one["changed"]
            assert kept + one["added"] == one["after"] == record["after"]["rows"][name]
            assert kept + one["removed"] == one["before"] == record["before"]["rows"][name]
        labels = record["tables"]["labels"]
        for group in ("by_label", "by_annotator", "by_status"):
            for kind in KINDS:
                assert sum(one[kind] for one in labels[group].values()) == labels[kind]

    def test_a_dataset_and_itself(self, folders: Path) -> None:
        one = str(folders / "away" / "first")
        assert not diff.diff(one, one, None).difference.differs

    def test_by_name_inside_a_study(self, folders: Path) -> None:
        study = Study(folders / "study")
        report = diff.diff(str(folders / "away" / "first"), "second", study)
        assert report.record()["changes"] == compared(folders).record()["changes"]
        assert (
            report.after.ledger
            == json.loads((study.exports_dir / "second/dataset.json").read_text())["ledger"]["hash"]
        )

    def test_every_change_is_a_row_of_the_csv(self, folders: Path, tmp_path: Path) -> None:
        report = compared(folders)
        diff.write_csv(report, tmp_path / "d.csv")
        found = list(csv.DictReader(io.StringIO((tmp_path / "d.csv").read_text("utf-8"), newline="")))
        wanted = sum(len(one.cells) or 1 for table in report.difference.tables for one in table.changes)
        assert len(found) == wanted
        assert {"table": "labels", "kind": "removed", "quote": "Ministerin"}.items() <= next(
            row for row in found if row["quote"] == "Ministerin" and row["table"] == "labels"
        ).items()

    def test_another_version_with_other_columns(self, folders: Path, tmp_path: Path) -> None:
        old = Path(shutil.copytree(folders / "away" / "second", tmp_path / "old"))
        schema = json.loads((old / "schemas/labels.json").read_text("utf-8"))
        schema["fields"] = [one for one in schema["fields"] if one["name"] != "anchor"]
        (old / "schemas/labels.json").write_text(json.dumps(schema), "utf-8")
        rows = list(csv.DictReader(io.StringIO((old / "labels.csv").read_text("utf-8"), newline="")))
        with (old / "labels.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, [name for name in rows[0] if name != "anchor"], extrasaction="ignore"
            )
            writer.writeheader()
            writer.writerows(rows)
        (old / "runs.csv").unlink()
        record = json.loads((old / "dataset.json").read_text("utf-8"))
        del record["options"], record["inputs"]
        (old / "dataset.json").write_text(json.dumps(record | {"format": 0}), "utf-8")
        report = diff.diff(str(old), str(folders / "away" / "second"), None)
        labels = report.difference.table("labels")
        assert labels
        assert (labels.same, labels.only_after) == (14, ("anchor",))
        assert report.difference.only_after == ("runs",)

    def test_what_is_no_dataset_is_said(self, folders: Path, tmp_path: Path) -> None:
        good = str(folders / "away" / "first")
        with pytest.raises(UsageError, match="no dataset of this study"):
            diff.diff(good, "nowhere", Study(folders / "study"))
        with pytest.raises(UsageError, match=r"no labels\.csv"):
            diff.diff(good, str(tmp_path), None)

    def test_a_damaged_table_is_bad_input_with_its_line(self, folders: Path, tmp_path: Path) -> None:
        bad = Path(shutil.copytree(folders / "away" / "first", tmp_path / "bad"))
        text = (bad / "documents.csv").read_text("utf-8")
        (bad / "documents.csv").write_text(text + text.splitlines()[-1] + "\nx,y\n", "utf-8")
        with pytest.raises(BadInput) as found:
            diff.diff(str(bad), str(bad), None)
        assert {problem.line for problem in found.value.problems} == {5, 6}


class TestCommand:
    def run(self, folders: Path, *words: str) -> tuple[int, str, str]:
        here = Path.cwd()
        os.chdir(folders / "away")
        try:
            done = CliRunner().invoke(app, ["diff", "first", "second", *words])
        finally:
            os.chdir(here)
        return done.exit_code, done.stdout, str(done.exception or "")

    def test_differences_are_no_failure(self, folders: Path) -> None:
        code, said, _ = self.run(folders)
        assert code == 0
        assert "labels, LOADED: 1 added" in said
        assert "assignments, status open to edited: 1" in said

    def test_json_is_one_document(self, folders: Path) -> None:
        code, said, _ = self.run(folders, "--json")
        assert (code, json.loads(said)["differs"]) == (0, True)

    def test_exit_code_only_when_asked(self, folders: Path) -> None:
        code, _, error = self.run(folders, "--exit-code")
        assert code != 0
        assert error == "first and second differ"
