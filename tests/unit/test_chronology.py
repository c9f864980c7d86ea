"""The days that an EDTF value can mean, the notes of stated dates, and the chronology of a dataset."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.dataset import ROW_TYPES, Dataset
from annotate.core.dataset.rows import DatedRow
from annotate.core.dataset.timex import NO_TIMEX, timex_cells
from annotate.core.dates.bounds import day_text, days_of, relation
from annotate.core.model import Passage, Piece
from annotate.flows import export
from annotate.formats.folder import Chosen, write_dataset
from annotate.formats.package import parse_record
from annotate.formats.plot import MOST_DOCUMENTS, documents_of, plot_bytes
from annotate.formats.writers import csv_tables
from annotate.formats.writing import Material
from annotate.nlp.runner import load_pipeline, suggest_for
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")


def rows(study: Study, table: str) -> list[dict[str, str]]:
    data = export.plan(study, "d").files[f"{table}.csv"]
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


class TestDays:
    @pytest.mark.parametrize(
        ("edtf", "first", "last"),
        [
            ("2020-04-25", "2020-04-25", "2020-04-25"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("1900-02", "1900-02-01", "1900-02-28"),
            ("2019-05-XX", "2019-05-01", "2019-05-31"),
            ("2019", "2019-01-01", "2019-12-31"),
            ("0000", "0000-01-01", "0000-12-31"),
            ("-0479", "-0479-01-01", "-0479-12-31"),
            ("2019-21", "2019-03-01", "2019-05-31"),
            ("2019-24", "2018-12-01", "2020-02-29"),
            ("2019-24~", "2018-12-01", "2020-02-29"),
            ("2019-36", "2019-10-01", "2019-12-31"),
            ("2019-40", "2019-01-01", "2019-06-30"),
            ("197X", "1970-01-01", "1979-12-31"),
            ("19XX", "1900-01-01", "1999-12-31"),
            ("1948~", "1948-01-01", "1948-12-31"),
            ("1948-07?", "1948-07-01", "1948-07-31"),
            ("197X%", "1970-01-01", "1979-12-31"),
            ("1950/1953", "1950-01-01", "1953-12-31"),
            ("2018-08-16/2018-08-18", "2018-08-16", "2018-08-18"),
            ("1950/..", "1950-01-01", ""),
            ("../1950-02", "", "1950-02-28"),
            ("[2018-10-11,2018-11-10]", "2018-10-11", "2018-11-10"),
            ("[2018-11-10,2018-10-11]", "2018-10-11", "2018-11-10"),
            ("[1948,XXXX-08-15]", "", ""),
            ("XXXX-08-15", "", ""),
            ("XXXX-08", "", ""),
            ("", "", ""),
            ("2019-13", "", ""),
            ("2019-02-30", "", ""),
            ("yesterday", "", ""),
            ("1953/1950", "", ""),
        ],
    )
    def test_first_and_last_day(self, edtf: str, first: str, last: str) -> None:
        days = days_of(edtf)
        assert (day_text(days.first), day_text(days.last)) == (first, last)

    @given(st.text(alphabet="0123456789-X~?%/.[],", max_size=24))
    def test_any_text_has_bounds_in_order_or_none(self, text: str) -> None:
        days = days_of(text)
        assert days.first is None or days.last is None or days.first <= days.last

    @pytest.mark.parametrize(
        ("edtf", "published", "expected"),
        [
            ("2020-04-24", "2020-04-25", "before"),
            ("2020-04-25", "2020-04-25", "same"),
            ("2020-04-26", "2020-04-25", "after"),
            ("2020", "2020-04-25", "same"),
            ("2020-04-24", "2020-04", "same"),
            ("-0479", "2020", "before"),
            ("../1950", "2020", "before"),
            ("../2020", "2020-04-25", "unknown"),
            ("2021/..", "2020", "after"),
            ("2019/..", "2020", "unknown"),
            ("2019", "", "unknown"),
            ("", "2019", "unknown"),
            ("XXXX-08-15", "2019", "unknown"),
            ("2018-10-20", "[2018-10-11,2018-11-10]", "unknown"),
            ("2018-12", "[2018-10-11,2018-11-10]", "after"),
            ("[1948,1949]", "2020", "before"),
            ("[1948,2020]", "2020", "unknown"),
        ],
    )
    def test_to_a_publication_date(self, edtf: str, published: str, expected: str) -> None:
        assert relation(edtf, published) == expected


class TestNotes:
    def test_a_note_of_stated_dates(self) -> None:
        assert timex_cells(studies.NOTES["3. Mai 2021"]) == {
            "timex_type": "DATE",
            "timex_value": "2021-05-03",
            "anchor": "previous_mention 12-20",
            "alternatives": "2021-03-05;[2021-05-03,2022-05-03]",
        }

    @pytest.mark.parametrize(
        "note",
        [
            "",
            "a remark",
            "{",
            "[1]",
            '"DATE"',
            "{}",
            '{"type": "PERSON", "value": "x"}',
            '{"type": ["DATE"]}',
            '{"type": null}',
            '{"a":' * 100_000,
            '{"type": "DATE", "value": ' + "9" * 5000 + "}",
        ],
    )
    def test_any_other_note_stays_a_note(self, note: str) -> None:
        assert timex_cells(note) == NO_TIMEX

    @pytest.mark.parametrize(
        "note",
        [
            '{"type": "SET"}',
            '{"type": "SET", "value": 3, "anchor": "none", "alternatives": "2019"}',
            '{"type": "SET", "value": "\\ud800", "anchor": {"kind": "=A1()"}, "alternatives": [3, "a\\nb"]}',
        ],
    )
    def test_what_does_not_fit_is_left_out(self, note: str) -> None:
        assert timex_cells(note) == {**NO_TIMEX, "timex_type": "SET"}


class TestTables:
    def test_labels_have_them_exactly_where_they_have_a_value(self, template: Study) -> None:
        found = {row["doccano_label"]: [row[name] for name in NO_TIMEX] for row in rows(template, "labels")}
        day = ["DATE", "2021-05-03", "previous_mention 12-20", "2021-03-05;[2021-05-03,2022-05-03]"]
        assert {number for number, cells in found.items() if any(cells)} == {"11", "111", "112"}
        assert found["11"] == found["111"] == day

    def test_suggestions_have_them_whatever_became_of_them(self, template: Study) -> None:
        found = rows(template, "suggestions")
        edited = next(row for row in found if row["doccano_label"] == "12")
        assert [edited[name] for name in NO_TIMEX] == ["DATE", "2020-04-25", "explicit", ""]
        remark = next(row for row in found if row["doccano_label"] == "13")
        assert [remark["note"], *(remark[name] for name in NO_TIMEX)] == ["a remark; no JSON", *[""] * 4]

    def test_every_date_label_is_in_the_chronology(self, template: Study) -> None:
        labels = {row["label_id"]: row for row in rows(template, "labels") if row["label"] == "DATE"}
        found = rows(template, "chronology")
        assert {row["label_id"] for row in found} == set(labels)
        for row in found:
            told = labels[row["label_id"]]
            shared = ("document_id", "source_file", "title", "published", "annotator", "quote", "value")
            assert [row[name] for name in shared] == [told[name] for name in shared]
            assert (row["status"], row["origin"]) == (told["status"], told["origin"])

    def test_it_is_in_the_order_of_time_with_the_unknown_last(self, template: Study) -> None:
        found = [
            (row["earliest"], row["latest"], row["to_publication"]) for row in rows(template, "chronology")
        ]
        assert found == [
            ("2020-04-25", "2020-04-25", "same"),
            ("2021-05-03", "2021-05-03", "after"),
            ("2021-05-03", "2021-05-03", "after"),
            ("2021-05-04", "2021-05-04", "after"),
            ("", "", "unknown"),
        ]


def dated(number: int, value: str, **more: str) -> DatedRow:
    given = {"title": "A title", "published": "2020-04-25", "status": "confirmed", **more}
    days = dict.fromkeys(("quote", "earliest", "latest", "to_publication", "origin"), "")
    name = f"{number:012x}"
    return DatedRow(f"doc-{name}", f"{name}.txt", label_id="l", annotator="A1", value=value, **given, **days)


def drawn(rows: list[DatedRow]) -> ElementTree.Element:
    svg = plot_bytes(rows)
    assert svg is not None
    return ElementTree.fromstring(svg)


def marks(svg: ElementTree.Element, role: str) -> list[ElementTree.Element]:
    return [one for one in svg.iter() if one.get("aria-roledescription") == role]


def words(svg: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


class TestPlot:
    def test_a_dot_and_a_bar_for_each_date_and_publication(self) -> None:
        svg = drawn([dated(1, "1948"), dated(1, "1948"), dated(1, "2018-04-27"), dated(2, "195X")])
        assert len(marks(svg, "point")) == len(marks(svg, "rule mark")) == 5
        assert {"1. A title", "2. A title"} <= set(words(svg))

    def test_it_says_what_it_is(self) -> None:
        svg = drawn([dated(1, "1948")])
        assert svg.get("role") == "img"
        told = {one.get("id"): one.text for one in svg if one.get("id")}
        assert svg.get("aria-labelledby") == " ".join(told)
        assert told["chronology-title"] == "Stated dates by document"
        assert "1 different stated date(s)" in (told["chronology-about"] or "")

    @pytest.mark.parametrize("value", ["", "XXXX-08-15", "1950/..", "../1950", "soon"])
    def test_without_a_place_in_time_there_is_none(self, value: str) -> None:
        assert plot_bytes([dated(1, value)]) is None
        assert documents_of([dated(1, value)]) == 0
        assert plot_bytes([]) is None

    def test_hostile_titles_are_words_and_nothing_else(self) -> None:
        titles = [
            "</svg><script>alert(1)</script>",
            "\u202eright\nleft\ud800\0",
            "&amp; \"' {{x}}",
            "長" * 300,
        ]
        svg = drawn([dated(number, "1948", title=title) for number, title in enumerate(titles)])
        assert not list(svg.iter(f"{SVG}script"))
        found = " ".join(words(svg))
        for title in ("</svg><script>alert(1)</script>", "�right�left��", "&amp; \"' {{x}}", "長" * 21 + "…"):
            assert title in found

    def test_a_long_study_is_cut_to_the_documents_with_most_dates(self) -> None:
        many = [dated(number, f"{1000 + number}") for number in range(200)]
        some = [dated(number, "1948", title="Twice", published="") for number in (7, 190)]
        svg = drawn([*many, *some])
        assert sum("Twice" in word or "A title" in word for word in words(svg)) == MOST_DOCUMENTS
        assert documents_of([*many, *some]) == 200
        assert "40 of 200 document(s)" in next(iter(svg.iter(f"{SVG}desc"))).text

    def test_more_dates_than_altair_takes_by_default(self) -> None:
        svg = drawn(
            [dated(1, f"{year:04d}-{month:02d}") for year in range(1500, 2000) for month in range(1, 13)]
        )
        assert len(marks(svg, "point")) == 6001

    def test_years_far_apart_and_before_christ(self) -> None:
        svg = drawn([dated(1, "-0479"), dated(1, "9999"), dated(1, "2020", published="2020-04?")])
        assert {"0", "2000", "10000"} <= set(words(svg))


def test_a_dataset_without_dates_says_that_it_has_no_plot(template: Study, tmp_path: Path) -> None:
    made = export.plan(template, "d").files
    assert "chronology.svg" in made
    assert "`chronology.svg` shows" in made["README.md"].decode()
    empty = Dataset(**dict.fromkeys(ROW_TYPES, ()))
    record, scheme = parse_record(made["dataset.json"]), read_scheme(template.scheme_dir)
    write_dataset(Material(empty, record, scheme), tmp_path, [Chosen("csv", "CSV", csv_tables.write)])
    assert not (tmp_path / "chronology.svg").exists()
    assert "There is no `chronology.svg`" in (tmp_path / "README.md").read_text("utf-8")


def test_the_notes_of_the_component_itself_are_read() -> None:
    text = "The bridge was built in 1948. In the following year it fell. On 11/10/2018 it stood again."
    passage = Passage(
        "psg-1", "doc-1", "src-1", "a.txt", 1, 1, text, (Piece("verbatim", 0, len(text), text),)
    )
    (looked,) = suggest_for(load_pipeline("stated_dates", "en"), [(passage, "2019-01-02")], {"DATE": "frame"})
    found = {one.quote: timex_cells(one.note) for one in looked.suggestions}
    assert found["1948"] == {**NO_TIMEX, "timex_type": "DATE", "timex_value": "1948", "anchor": "explicit"}
    at = text.index("1948")
    following = next(cells for quote, cells in found.items() if "following year" in quote)
    assert (following["timex_value"], following["anchor"]) == ("1949", f"previous_mention {at}-{at + 4}")
    numeric = found["11/10/2018"]
    assert (numeric["timex_value"], numeric["alternatives"]) == ("2018-10-11", "2018-11-10")
