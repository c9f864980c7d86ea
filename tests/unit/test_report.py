"""`annotate report`: every figure against a count of its own, and a page that stands alone."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.agreement import agreement
from annotate.core.errors import Conflict
from annotate.core.figures import Agreement, Material, Section, Sheet, figures, wilson
from annotate.core.figures.coverage import length, merged, shared
from annotate.core.figures.drift import STRETCHES, is_same, stretches
from annotate.core.figures.labels import period_of
from annotate.core.offsets import Range
from annotate.flows import export, report
from annotate.flows.verify import verify
from annotate.report.charts import cut, distinct, whole_ticks
from annotate.report.page import Head, page
from annotate.store.study import Study

HOSTILE = '"><script>alert(1)</script>&<img src=x onerror=alert(1)>\u202e'


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("report") / "study")


@pytest.fixture(scope="module")
def made(study: Study) -> report.Counted:
    return report.count(study)


@pytest.fixture(scope="module")
def planned(study: Study) -> report.ReportPlan:
    return report.plan(study)


@pytest.fixture(scope="module")
def parsed(planned: report.ReportPlan) -> _Page:
    return _Page(planned.page.decode("utf-8"))


@pytest.fixture(scope="module")
def tables(study: Study) -> dict[str, list[dict[str, str]]]:
    """The tables of an export, read from their bytes: the witness of the figures."""
    files = export.plan(study, "witness").files
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
        for name, data in files.items()
        if name.endswith(".csv")
    }


def rows(made: report.Counted, section: str, sheet: str) -> list[dict[str, object]]:
    found = next(one for one in made.sections if one.key == section)
    return next(one for one in found.sheets if one.name == sheet).records()


class TestFigures:
    def test_key_numbers(self, made, tables) -> None:
        confirmed = Counter(row["status"] for row in tables["labels"])["confirmed"]
        assert made.numbers["labels"] == len(tables["labels"])
        assert made.numbers["labels_confirmed"] == confirmed
        for name in ("sources", "documents", "passages", "relations", "suggestions", "quarantine"):
            assert made.numbers[name] == len(tables[name]), name

    def test_progress_by_annotator(self, made, tables) -> None:
        given = Counter(row["assignee"] for row in tables["assignments"])
        states = Counter((row["assignee"], row["status"]) for row in tables["assignments"])
        found = rows(made, "progress", "by_annotator")
        assert {row["annotator"]: row["given"] for row in found} == given
        for row in found:
            who = row["annotator"]
            assert (row["confirmed"], row["open"]) == (states[who, "confirmed"], states[who, "open"])
            assert row["set_aside"] == given[who] - states[who, "confirmed"] - states[who, "open"]
            labels = [one for one in tables["labels"] if one["annotator"] == who]
            assert row["labels"] == sum(one["status"] == "confirmed" for one in labels)
            assert row["drafts"] == sum(one["status"] == "draft" for one in labels)

    def test_progress_by_pull_is_what_the_ledger_said_then(self, made) -> None:
        found = [tuple(row.values()) for row in rows(made, "progress", "by_pull")]
        assert found == [
            ("pull-000002", "2025-11-03T12:00:00Z", "spans", "A1", 3, 2),
            ("pull-000002", "2025-11-03T12:00:00Z", "spans", "A2", 3, 1),
            # The second pull saw that one of ben's passages is gone.
            ("pull-000004", "2025-11-05T12:00:00Z", "spans", "A1", 3, 2),
            ("pull-000004", "2025-11-05T12:00:00Z", "spans", "A2", 2, 1),
        ]

    def test_labels_by_outlet_by_time_and_by_source(self, made, tables) -> None:
        confirmed = [row for row in tables["labels"] if row["status"] == "confirmed"]
        outlets = Counter(
            (row["publisher"] or row["agency"] or "unknown", row["layer"], row["label"]) for row in confirmed
        )
        found = rows(made, "labels", "by_outlet")
        assert {(row["outlet"], row["layer"], row["label"]): row["labels"] for row in found} == outlets
        months = Counter((row["published"][:7] or "undated", row["layer"]) for row in confirmed)
        found = rows(made, "labels", "by_time")
        assert {(row["period"], row["layer"]): row["labels"] for row in found} == months
        files = Counter((row["source_file"], row["status"]) for row in tables["labels"])
        for row in rows(made, "labels", "by_source"):
            assert row["labels"] == files[row["source"], "confirmed"]
            assert row["drafts"] == files[row["source"], "draft"]

    @pytest.mark.parametrize(
        ("table", "sheet", "column"),
        [
            ("suggestions", "by_agent", "agent"),
            ("suggestions", "by_label", "label"),
            ("suggestions", "by_annotator", "assignee"),
            ("suggested_relations", "relations_by_agent", "agent"),
            ("suggested_relations", "relations_by_relation", "relation"),
            ("suggested_relations", "relations_by_annotator", "assignee"),
        ],
    )
    def test_fates(self, made, tables, table: str, sheet: str, column: str) -> None:
        counts = Counter((row[column], row["fate"]) for row in tables[table])
        for row in rows(made, "fates", sheet):
            key = str(next(iter(row.values()))).split(" ")[0]
            key = "" if key == "(not" else key
            for fate in ("accepted", "edited", "rejected", "untouched", "not_pushed"):
                assert row[fate] == counts[key, fate], (key, fate)
            decided = sum(counts[key, fate] for fate in ("accepted", "edited", "rejected"))
            assert row["decided"] == decided
            assert row["share"] == (round(counts[key, "accepted"] / decided, 6) if decided else None)
        total = sum(
            row["decided"] + row["untouched"] + row["not_pushed"] for row in rows(made, "fates", sheet)
        )
        assert total == len(tables[table])

    def test_dates(self, made, tables) -> None:
        found = rows(made, "dates", "by_document")
        dates = Counter(row["source_file"] for row in tables["chronology"])
        assert {row["source"]: row["dates"] for row in found} == dates
        relations = Counter(row["to_publication"] for row in tables["chronology"])
        for name in ("before", "same", "after", "unknown"):
            assert sum(row[name] for row in found) == relations[name]
        firsts = [row["earliest"] for row in tables["chronology"] if row["earliest"]]
        assert min(row["earliest"] for row in found if row["earliest"]) == min(firsts)

    def test_coverage_counts_characters_one_by_one(self, made, tables, study) -> None:
        parts = studies.FILES
        for row in rows(made, "coverage", "by_source"):
            body: set[int] = set()
            at = 0
            for kind, text in parts[row["source"]][1]:
                if kind == "body":
                    body |= set(range(at, at + len(text)))
                at += len(text)
            seen: dict[str, set[int]] = {}
            given: set[int] = set()
            for passage in tables["passages"]:
                if passage["source_file"] != row["source"]:
                    continue
                place = set(range(int(passage["source_start"]), int(passage["source_end"])))
                for one in tables["assignments"]:
                    if one["passage_id"] == passage["passage_id"]:
                        given |= place
                        if one["status"] == "confirmed":
                            seen.setdefault(one["assignee"], set()).update(place)
            counts = Counter(char for own in seen.values() for char in own if char in body)
            assert row["body"] == len(body)
            assert row["given"] == len(given & body)
            assert row["confirmed"] == len(counts)
            assert row["twice"] == sum(number > 1 for number in counts.values())

    def test_drift_follows_the_order_of_confirmation(self, made, tables) -> None:
        found = [row for row in rows(made, "drift", "by_stretch") if row["annotator"] == "A1"]
        own = [row for row in tables["assignments"] if row["assignee"] == "A1" and row["confirmed_at"]]
        own.sort(key=lambda row: row["confirmed_at"])
        assert [row["first"] for row in found] == [row["confirmed_at"] for row in own]
        for row, assignment in zip(found, own, strict=True):
            labels = [
                one
                for one in tables["labels"]
                if (one["doccano_project"], one["doccano_example"])
                == (assignment["doccano_project"], assignment["doccano_example"])
            ]
            text = next(
                one["text"] for one in tables["passages"] if one["passage_id"] == assignment["passage_id"]
            )
            assert (row["labels"], row["characters"]) == (len(labels), len(text))
            assert row["rate"] == round(len(labels) * 1000 / len(text), 3)
        assert [row["comparable"] for row in found] == [5, 0]

    def test_quarantine(self, made, tables) -> None:
        counts = Counter((row["table"], row["reason"]) for row in tables["quarantine"])
        found = rows(made, "problems", "quarantine")
        assert {(row["table"], row["reason"]): row["number"] for row in found} == counts
        assert all(row["means"] for row in found)

    def test_known_limits(self, made, tables) -> None:
        known = {row["what"]: row["number"] for row in rows(made, "problems", "known")}
        assert known["Documents without a publication date"] == sum(
            not row["published"] for row in tables["documents"]
        )
        assert known["Draft labels"] == sum(row["status"] == "draft" for row in tables["labels"])
        assert known["Sources without stated rights"] == sum(not row["rights"] for row in tables["sources"])
        assert known["Comments"] == len(tables["comments"])

    def test_the_record_is_json_with_every_row(self, planned) -> None:
        record = json.loads(json.dumps(planned.record()))
        for section in planned.counted.sections:
            for sheet in section.sheets:
                assert record["sections"][section.key]["tables"][sheet.name]["rows"] == sheet.records()


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40))),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40))),
)
def test_ranges_are_counted_like_sets(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    first = [Range(min(pair), max(pair)) for pair in one]
    second = [Range(min(pair), max(pair)) for pair in two]
    left = {at for part in first for at in range(part.start, part.end)}
    right = {at for part in second for at in range(part.start, part.end)}
    assert length(first) == len(left)
    assert sum(map(len, shared(first, second))) == len(left & right)
    assert all(a.end < b.start for a, b in zip(merged(first), merged(first)[1:], strict=False))


def test_wilson_gives_the_published_values() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    assert [round(x, 4) for x in (wilson(81, 263).low, wilson(81, 263).high)] == [0.2553, 0.3662]
    assert [round(x, 4) for x in (wilson(15, 148).low, wilson(15, 148).high)] == [0.0624, 0.1605]
    assert (wilson(0, 20).low, round(wilson(0, 20).high, 4)) == (0.0, 0.1611)
    assert wilson(29, 29).high == 1.0
    assert wilson(0, 0).share is None
    with pytest.raises(ValueError, match="is no share"):
        wilson(3, 2)


def test_stretches_share_the_work_evenly() -> None:
    for number in (1, 7, 8, 9, 100):
        cut_up = stretches(number)
        sizes = [end - start for start, end in cut_up]
        assert sum(sizes) == number
        assert len(cut_up) == min(number, STRETCHES)
        assert max(sizes) - min(sizes) <= 1
    assert stretches(0) == []


def test_periods_stay_undated_where_the_date_leaves_them_open() -> None:
    assert period_of("2020-04-25", monthly=True) == "2020-04"
    assert period_of("2020", monthly=True) == "undated"
    assert period_of("2020", monthly=False) == "2020"
    assert period_of("[2019-12-31,2020-01-01]", monthly=False) == "undated"
    assert period_of("", monthly=False) == "undated"


def test_a_label_is_the_same_from_half_of_the_characters_on(study: Study) -> None:
    from annotate.core.dataset import derive
    from annotate.core.ledger import Line
    from annotate.flows.dataset_inputs import inputs_of, read_material
    from annotate.flows.report import _corpus
    from annotate.store.ledger import read_ledger

    lines: tuple[Line, ...] = read_ledger(study)
    corpus, _ = _corpus(study)
    label = derive(inputs_of(study, lines, corpus, read_material(study), names=False)).labels[0]
    label = replace(label, start=0, end=10)
    assert is_same(label, replace(label, start=0, end=5))
    assert not is_same(label, replace(label, start=0, end=4))
    assert not is_same(label, replace(label, label="OTHER"))


class _Page(HTMLParser):
    """What a page refers to, and how it is built."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.events: list[str] = []
        self.described: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.headings: list[int] = []
        self.tables: list[dict[str, int]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids.extend(value for name, value in attrs if name == "id" and value)
        self.references.extend(
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data")
        )
        self.events.extend(name for name, _ in attrs if name.startswith("on"))
        for name in ("aria-labelledby", "aria-describedby"):
            self.described.extend((found.get(name) or "").split())
        if tag == "svg":
            self.images.append(found)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append({"caption": 0, "th": 0})
        if tag in ("caption", "th") and self.tables:
            self.tables[-1][tag] += 1
            assert tag == "caption" or found["scope"] in ("col", "row")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class TestPage:
    def test_nothing_comes_from_elsewhere_and_nothing_runs(self, planned, parsed) -> None:
        text = planned.page.decode("utf-8")
        assert all(one.startswith("#") for one in parsed.references), parsed.references
        assert (
            parsed.tags["script"] == parsed.tags["link"] == parsed.tags["img"] == parsed.tags["iframe"] == 0
        )
        assert parsed.events == []
        assert "@import" not in text
        assert re.findall(r"url\((?!#)", text) == []
        assert "default-src 'none'; style-src 'unsafe-inline'" in text
        # Namespaces are names; nothing else may look like an address.
        addresses = set(re.findall(r"https?://[^\"'<> ]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}

    def test_it_can_be_read_by_everybody(self, parsed) -> None:
        for landmark in ("header", "nav", "main", "footer", "h1"):
            assert parsed.tags[landmark] == 1, landmark
        assert len(parsed.ids) == len(set(parsed.ids))
        assert set(parsed.described) <= set(parsed.ids)
        assert {one[1:] for one in parsed.references} <= set(parsed.ids)
        assert parsed.headings == [1, *[2] * parsed.tags["section"]]
        assert parsed.tags["figure"] == parsed.tags["svg"] == parsed.tags["figcaption"] >= 10
        for image in parsed.images:
            assert image["role"] == "img"
            assert len((image["aria-labelledby"] or "").split()) == 2
        assert parsed.tables
        assert all(table["caption"] == 1 and table["th"] >= 2 for table in parsed.tables)

    def test_every_table_of_the_figures_is_on_the_page(self, made, parsed) -> None:
        assert parsed.tags["table"] == sum(len(one.sheets) for one in made.sections)
        said = "".join(parsed.text)
        for section in made.sections:
            for sheet in section.sheets:
                assert sheet.caption in said

    def test_colours_of_words_can_be_told_from_their_ground(self) -> None:
        style = (Path(report.__file__).parents[1] / "report" / "templates" / "report.css").read_text("utf-8")
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
        for word in ("ink", "soft", "main"):
            for ground in ("paper", "wash"):
                assert contrast(colours[word], colours[ground]) >= 4.5, (word, ground)

    def test_the_same_study_gives_the_same_bytes(self, study, planned) -> None:
        assert report.draw(report.count(study)) == planned.page

    def test_hostile_words_stay_words(self, made) -> None:
        sheets = tuple(
            Section(one.key, HOSTILE, (HOSTILE,), tuple(hostile(sheet) for sheet in one.sheets))
            for one in made.sections
        )
        text = page(Head(HOSTILE, HOSTILE, (), HOSTILE, HOSTILE), sheets)
        parsed = _Page(text)
        assert parsed.tags["script"] == parsed.tags["img"] == 0
        assert parsed.events == []
        assert parsed.tags["figure"] >= 8
        assert HOSTILE in "".join(parsed.text)


def hostile(sheet: Sheet) -> Sheet:
    """The sheet with every name of others replaced; names that steer a plot stay."""
    own = {"layer": "all", "period": "undated"}
    names = [column.name for column in sheet.columns]
    kinds = [column.kind for column in sheet.columns]
    changed = tuple(
        tuple(
            own.get(name, HOSTILE) if kind == "text" else cell
            for name, kind, cell in zip(names, kinds, row, strict=True)
        )
        for row in sheet.rows
    )
    return replace(sheet, caption=HOSTILE, rows=changed[:1])


def contrast(one: str, two: str) -> float:
    """The contrast ratio of WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class TestAgreement:
    def test_the_matrix_takes_rows(self) -> None:
        section = agreement_of(["A1", "A2", "A3"])
        assert [one.name for one in section.sheets] == ["pairs", "by_label"]
        text = page(Head("s", "", (), "", "1"), [section])
        assert text.count("<figure>") == 3
        assert "A1 and A2 0.61 (0.40 to 0.80)" in text
        assert "not defined (too few)" in text

    def test_it_is_what_annotate_agree_measured(self, study: Study, made: report.Counted) -> None:
        measured = agreement(export.material_of(study, "d", export.ExportOptions()).dataset)
        found = rows(made, "agreement", "pairs")
        wanted = [row for row in measured if row.scope in ("all", "layer") and row.annotator_a]
        assert [(row["first"], row["second"]) for row in found] == [
            (row.annotator_a, row.annotator_b) for row in wanted
        ]
        for one, other in zip(found, wanted, strict=True):
            assert (one["passages"], one["alpha"], one["f1_exact"]) == (
                other.passages,
                other.alpha,
                other.f1_exact,
            )
        assert found

    def test_two_annotators_have_no_matrix_but_a_row(self) -> None:
        text = page(Head("s", "", (), "", "1"), [agreement_of(["A1", "A2"])])
        assert text.count("<figure>") == 2


def agreement_of(people: list[str]) -> Section:
    pairs = [(one, two) for at, one in enumerate(people) for two in people[at + 1 :]]
    found = []
    for scope, layer, name in (("all", "", ""), ("layer", "frame", "frame"), ("label", "frame", "DATE")):
        if len(pairs) > 1:
            found.append(agreed(scope, layer, name, "", "", 0.5))
        found.extend(agreed(scope, layer, name, *pair, None if pair[0] == "A2" else 0.61) for pair in pairs)
    sections = figures(Material(dataset=EMPTY, agreement=tuple(found)))
    return next(one for one in sections if one.key == "agreement")


def agreed(scope: str, layer: str, name: str, one: str, two: str, alpha: float | None) -> Agreement:
    low, high, note = (0.4, 0.8, "") if alpha else (None, None, "too few")
    return Agreement(scope, layer, name, one, two, 3, 4, 10, 12, 0.5, 0.7, alpha, low, high, note)


def empty_dataset() -> object:
    from annotate.core.dataset import Dataset
    from annotate.core.dataset.rows import ROW_TYPES

    return Dataset(**dict.fromkeys(ROW_TYPES, ()))


EMPTY = empty_dataset()


class TestStudiesWithLittle:
    def test_an_empty_study_has_a_page_of_sensible_words(self, tmp_path: Path) -> None:
        study = studies.write_study(tmp_path / "s")
        shutil.rmtree(study.built_dir)
        text = report.draw(report.count(study)).decode("utf-8")
        assert "the ledger of this study is empty" in text
        assert "No passage was pushed to an annotator yet." in text
        assert "<figure>" not in text
        assert _Page(text).tags["section"] == 8

    def test_a_study_that_was_only_ingested(self, tmp_path: Path) -> None:
        made = report.count(studies.write_study(tmp_path / "s"))
        coverage = rows(made, "coverage", "by_source")
        assert [row["confirmed"] for row in coverage] == [0, 0, 0]
        assert made.numbers["documents"] == 3

    def test_a_corpus_that_does_not_hold_is_said_on_the_page(self, study: Study, tmp_path: Path) -> None:
        broken = Study(shutil.copytree(study.root, tmp_path / "s"))
        (broken.raw_dir / "a-emoji.txt").write_text("other words", "utf-8")
        faults = rows(report.count(broken), "problems", "faults")
        assert any("a-emoji.txt" in str(row["file"]) for row in faults)


class TestFile:
    def test_it_is_written_once_and_left_alone(self, study: Study, planned, tmp_path: Path) -> None:
        path = tmp_path / "out" / "r.html"
        assert planned.shown == "exports/report.html"
        assert planned.change == "new"
        assert not planned.path.exists()
        path.parent.mkdir()
        path.write_text("old", "utf-8")
        changed = report.plan(study, path)
        assert changed.change == "replaced"
        report.apply(changed)
        assert path.read_bytes() == planned.page
        path.chmod(0o444)
        report.apply(replace(changed, change="unchanged"))
        assert path.stat().st_mode & 0o777 == 0o444

    def test_a_report_beside_the_datasets_is_none_of_them(self, study: Study, planned, tmp_path) -> None:
        own = Study(shutil.copytree(study.root, tmp_path / "s"))
        report.apply(replace(planned, path=own.exports_dir / "report.html"))
        export.apply(own, export.plan(own, "d"))
        assert verify(own, "d").problems == ()

    def test_a_folder_in_its_place_is_no_target(self, study: Study, tmp_path: Path) -> None:
        with pytest.raises(Conflict, match="is a folder"):
            report.plan(study, tmp_path)

    def test_names_replace_pseudonyms_only_when_asked(self, study: Study, made: report.Counted) -> None:
        def people(counted: report.Counted) -> set[object]:
            return {row["annotator"] for row in rows(counted, "progress", "by_annotator")}

        assert people(made) == {"A1", "A2"}
        assert people(report.count(study, names=True)) == {"ada", "ben"}


def test_names_of_others_are_cut_to_one_line_that_differs() -> None:
    assert cut("a\nb\u202ec", 10) == "a\ufffdb\ufffdc"
    assert cut("日本語日本語", 6) == "日本…"
    short = distinct(["abcdefghij-1", "abcdefghij-2", "short"], 9)
    assert len(set(short.values())) == 3
    assert all(len(one) <= 10 for one in short.values())


def test_ticks_are_whole_and_few() -> None:
    for most in (1, 2, 5, 7, 10, 33, 99, 100, 12345):
        found = whole_ticks(most)
        assert found[0] == 0
        assert 2 <= len(found) <= 8
        assert found[-1] <= most
