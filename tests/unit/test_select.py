"""Selection: a part of a dataset stands on its own, and no cell of it is changed."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.dataset import ROW_TYPES, Dataset
from annotate.core.dataset.select import select
from annotate.core.dataset.selection import Selection, selection_of
from annotate.core.errors import UsageError
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.flows.verify import examine, examine_folder
from annotate.formats.csv_in import read_csv
from annotate.formats.keys import key_faults
from annotate.formats.package import parse_record
from annotate.formats.schemas import table_schema
from annotate.formats.tables import csv_bytes
from annotate.store.study import Study


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")


@pytest.fixture(scope="module")
def whole(template: Study) -> Dataset:
    return export.material_of(template, "d", ExportOptions()).dataset


@pytest.fixture
def study(template: Study, tmp_path: Path) -> Study:
    shutil.copytree(template.root, tmp_path / "study")
    return Study(tmp_path / "study")


def some(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True).map(tuple)


SELECTIONS = st.builds(
    Selection,
    layers=some("frame", "rhetoric"),
    labels=some("DATE", "PUB", "LOADED"),
    annotators=some("A1", "A2"),
    statuses=some("confirmed", "draft"),
    pulls=some("pull-000002", "pull-000004"),
    since=st.sampled_from(["", "2020", "2020-04-25", "2020-05"]),
    until=st.sampled_from(["", "2020-04", "2020-04-24", "2021"]),
    outlets=some("KBA", "Küstenbote"),
)


def faults_of(dataset: Dataset) -> list[str]:
    schemas = {name: table_schema(name) for name in ROW_TYPES}
    tables = {
        name: read_csv(csv_bytes(schemas[name], rows), schemas[name], file=name)
        for name, rows in dataset.tables()
    }
    return [str(fault.problem) for fault in key_faults(schemas, tables)]


class TestWholeness:
    @given(SELECTIONS)
    def test_every_key_holds_and_no_row_is_changed(self, whole: Dataset, selection: Selection) -> None:
        part = select(whole, selection)
        assert faults_of(part) == []
        for name, rows in part.tables():
            there = list(getattr(whole, name))
            places = [there.index(row) for row in rows]
            assert all(one < two for one, two in pairwise(places))
        kept = {row.label_id for row in part.labels}
        for row in whole.labels:
            fits = (
                (not selection.layers or row.layer in selection.layers)
                and (not selection.labels or row.label in selection.labels)
                and (not selection.annotators or row.annotator in selection.annotators)
                and (not selection.statuses or row.status in selection.statuses)
                and (not selection.pulls or row.pull in selection.pulls)
                and (not selection.outlets or {row.publisher, row.agency} & set(selection.outlets))
            )
            assert row.label_id not in kept or fits
            if not selection.since and not selection.until:
                assert bool(fits) == (row.label_id in kept)

    def test_nothing_asked_is_everything(self, whole: Dataset) -> None:
        assert select(whole, Selection()) is whole


class TestWhatIsKept:
    def test_a_layer_keeps_the_passages_that_were_read(self, whole: Dataset) -> None:
        part = select(whole, Selection(layers=("rhetoric",)))
        assert {row.layer for row in part.labels} == {"rhetoric"}
        assert part.passages == whole.passages
        assert part.assignments == whole.assignments
        assert (part.relations, part.suggestions, part.runs, part.chronology) == ((), (), (), ())

    def test_a_relation_needs_both_ends(self, whole: Dataset) -> None:
        every = select(whole, Selection(labels=("DATE", "LOADED", "PUB")))
        assert every.relations == whole.relations != ()
        dates = select(whole, Selection(labels=("DATE",)))
        ids = {row.label_id for row in dates.labels}
        assert 0 < len(dates.relations) < len(whole.relations)
        assert {end for row in dates.relations for end in (row.from_label_id, row.to_label_id)} <= ids

    def test_a_suggested_relation_goes_with_the_one_it_became(self, whole: Dataset) -> None:
        became = {row.relation_id for row in whole.suggested_relations} - {""}
        part = select(whole, Selection(labels=("DATE",)))
        ids = {row.relation_id for row in part.relations}
        assert {row.relation_id for row in part.suggested_relations} == ids & became != set()
        assert {row.run_id for row in part.suggested_relations} <= {row.run_id for row in part.runs}
        # What became none is a draft, or confirmed where it was deleted.
        drafts = select(whole, Selection(statuses=("draft",))).suggested_relations
        assert {row.fate for row in drafts} == {"not_pushed"}
        (gone,) = [row for row in whole.suggested_relations if row.fate == "rejected"]
        assert gone in select(whole, Selection(statuses=("confirmed",))).suggested_relations

    def test_dates_and_outlets_are_about_documents(self, whole: Dataset) -> None:
        for selection in (Selection(since="2020-04-25", until="2020-04-25"), Selection(outlets=("KBA",))):
            part = select(whole, selection)
            assert {row.source_file for row in part.documents} == {"a-emoji.txt"}
            assert {row.source_file for row in part.labels} == {"a-emoji.txt"}
            assert {row.source_file for row in part.sources} == {"a-emoji.txt"}
            assert len(part.assignments) == 2

    def test_a_document_without_a_date_lies_in_no_range(self, whole: Dataset) -> None:
        assert len(select(whole, Selection(since="0001")).documents) == 1

    def test_a_person_keeps_what_they_were_given_and_did(self, whole: Dataset) -> None:
        part = select(whole, Selection(annotators=("A2",)))
        assert {row.assignee for row in part.assignments} == {"A2"}
        assert {row.annotator for row in part.labels} == {"A2"}
        assert "A1" not in {row.annotator for row in part.annotators}

    def test_unconfirmed_work_is_left_out_by_status(self, whole: Dataset) -> None:
        part = select(whole, Selection(statuses=("confirmed",)))
        assert {row.status for row in part.labels} == {"confirmed"}
        assert {row.status for row in part.assignments} == {"confirmed"}
        assert {row.fate for row in part.suggestions} == {"accepted", "edited", "rejected"}

    @pytest.mark.parametrize(
        ("selection", "known"),
        [
            (Selection(layers=("frames",)), "frame, rhetoric"),
            (Selection(labels=("date",)), "DATE"),
            (Selection(annotators=("ada",)), "A1"),
            (Selection(statuses=("done",)), "confirmed, draft"),
            (Selection(pulls=("pull-9",)), "pull-000002"),
            (Selection(outlets=("Kba",)), "KBA"),
            (Selection(since="last year"), "EDTF"),
            (Selection(gold=True), "adjudicate"),
        ],
    )
    def test_a_name_that_is_not_there_is_refused(
        self, whole: Dataset, selection: Selection, known: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            select(whole, selection)
        assert known in caught.value.hint


class TestRecord:
    @given(SELECTIONS)
    def test_dataset_json_gives_it_back(self, selection: Selection) -> None:
        assert selection_of(selection.record()).record() == selection.record()

    @pytest.mark.parametrize("record", [{"layer": ["x"]}, {"layers": "x"}, {"gold": 1}, {"since": ["2020"]}])
    def test_anything_else_is_refused(self, record: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="selection"):
            selection_of(record)


class TestDatasets:
    def test_a_part_is_proven_like_the_whole(self, study: Study) -> None:
        part = Selection(layers=("frame",), statuses=("confirmed",), since="2020")
        report = export.apply(study, export.plan(study, "part", ExportOptions(selection=part)))
        assert report.selection == "layers frame; statuses confirmed; since 2020"
        assert examine(study, "part").problems == ()
        record = parse_record((study.exports_dir / "part" / "dataset.json").read_bytes())
        assert record.selection == part
        assert examine_folder(study.exports_dir / "part").problems == ()

    def test_a_smuggled_row_is_found(self, study: Study) -> None:
        export.apply(study, export.plan(study, "whole"))
        export.apply(study, export.plan(study, "part", ExportOptions(selection=Selection(layers=("frame",)))))
        one, two = (study.exports_dir / name / "labels.csv" for name in ("part", "whole"))
        one.write_bytes(two.read_bytes())
        found = [str(problem) for problem in examine(study, "part").problems]
        assert any("has no such row" in problem for problem in found)


class TestAtAPull:
    def test_it_is_the_dataset_of_that_day(self, study: Study) -> None:
        before = export.material_of(study, "d", ExportOptions(at="pull-000002"))
        numbers = {row.doccano_label: row for row in before.dataset.labels}
        assert 32 not in numbers
        assert numbers[31].quote == "Ministerin"
        assert numbers[26].quote == "€ fiel"
        assert before.record.pulls == ("pull-000002",)
        assert before.record.head.seq < export.material_of(study, "d", ExportOptions()).record.head.seq

    def test_it_is_proven_too(self, study: Study) -> None:
        export.apply(study, export.plan(study, "then", ExportOptions(at="pull-000002")))
        assert examine(study, "then").problems == ()
        assert examine(study, "then").unproven == ()

    def test_the_last_pull_is_today(self, study: Study) -> None:
        last = export.material_of(study, "d", ExportOptions(at="pull-000004")).dataset
        assert last == export.material_of(study, "d", ExportOptions()).dataset

    @pytest.mark.parametrize("name", ["pull-000009", "push-000001", "yesterday"])
    def test_an_unknown_pull_lists_the_known_ones(self, study: Study, name: str) -> None:
        with pytest.raises(UsageError) as caught:
            export.plan(study, "d", ExportOptions(at=name))
        assert caught.value.hint == "it has: pull-000002, pull-000004"
