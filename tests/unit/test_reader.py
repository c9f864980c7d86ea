"""`reader.html`: every text and label is there, marked where it stands, and nothing else runs."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st
from material import HOSTILE, hostile, material_of, withheld

from annotate.flows import export
from annotate.flows.verify import examine, verify
from annotate.formats.writers.marking import LANES, Mark, lane_styles, marked
from annotate.formats.writers.reader import READER, reader_page, write
from annotate.formats.writing import Material
from annotate.store.study import Study

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """A page as a reader without script sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.covered: dict[str, str] = {}
        self.entries: dict[str, str] = {}
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.extend((tag, name, value) for name, value in attrs)
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))
        if tag == "div" and "text" in (dict(attrs).get("class") or "").split():
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.open]
        inside = [attrs for tag, attrs in self.open if tag == "u"]
        shown = any("text" in (attrs.get("class") or "").split() for _, attrs in self.open)
        if shown and "a" not in tags:
            self.texts[-1] += data
        for attrs in inside:
            number = attrs["data-i"] or ""
            self.covered[number] = self.covered.get(number, "") + data
        for tag, attrs in self.open:
            if tag == "li" and attrs.get("id"):
                self.entries[attrs["id"]] = self.entries.get(attrs["id"], "") + data + "|"
        if "script" in tags:
            self.scripts.append(data)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("reader") / "study")


@pytest.fixture(scope="module")
def material(study: Study) -> Material:
    return material_of(study)


@pytest.fixture(scope="module")
def page(material: Material) -> Page:
    return Page(reader_page(material))


def test_every_text_is_there_word_for_word(material: Material, page: Page) -> None:
    assert page.texts == [one.text for one in material.dataset.passages]


def test_every_label_covers_exactly_its_quote(material: Material, page: Page) -> None:
    assert len(page.covered) == len(material.dataset.labels) == 14
    for number, row in enumerate(material.dataset.labels):
        assert page.covered[str(number)] == row.quote


def test_every_label_is_listed_with_who_when_and_how(material: Material, page: Page) -> None:
    for number, row in enumerate(material.dataset.labels):
        entry = page.entries[f"x{number}"]
        assert entry.startswith(f"{row.label}|")
        for word in (row.annotator or "unknown", row.status, row.source_ranges, row.label_id, row.pull):
            assert word in entry, word
        assert row.suggestion_id in entry
        assert f"{row.scheme} {row.scheme_version}, guidelines {row.guideline_sha256[:12]}" in entry
        if row.value:
            assert f"value {row.value} ({row.value_type})" in entry
    accepted = next(
        number for number, row in enumerate(material.dataset.labels) if row.score == pytest.approx(0.75)
    )
    assert "suggested by stated_dates 0.1.0, score 0.75" in page.entries[f"x{accepted}"]


def test_relations_lead_to_their_labels(material: Material, page: Page) -> None:
    ids = {value for tag, name, value in page.attributes if name == "id"}
    links = [value or "" for _, name, value in page.attributes if name == "href"]
    assert all(one[0] == "#" and one[1:] in ids for one in links)
    numbers = {row.label_id: number for number, row in enumerate(material.dataset.labels)}
    ties = [value for _, name, value in page.attributes if name in ("data-from", "data-to")]
    wanted = {(row.from_label_id, row.to_label_id) for row in material.dataset.relations}
    assert set(zip(ties[::2], ties[1::2], strict=True)) == {
        (str(numbers[start]), str(numbers[end])) for start, end in wanted
    }


def test_there_is_a_filter_for_each_label_layer_annotator_status_and_origin(material, page) -> None:
    boxes = [value for tag, name, value in page.attributes if name == "data-class"]
    wanted = Counter(
        letter
        for letter, column in (("a", "annotator"), ("s", "status"), ("o", "origin"), ("k", "label"))
        for _ in {getattr(row, column) for row in material.dataset.labels}
    )
    assert Counter(one[0] for one in boxes if one) == wanted
    layers = [value for tag, name, value in page.attributes if name == "data-layer"]
    assert len(layers) == 2
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_only_its_own_script_may_run(material: Material) -> None:
    text = reader_page(material)
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "innerHTML" not in script
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert not re.search(r"https?://|@import|url\(", script + style)
    outward = [value for _, name, value in Page(text).attributes if name in ("src", "href", "action", "data")]
    assert all(value and value.startswith("#") for value in outward)


def test_colours_are_those_of_the_scheme(material: Material) -> None:
    text = reader_page(material)
    for label in material.scheme.labels:
        assert f"--c:{label.background};--t:{label.text}" in text
    bent = replace(material.scheme.labels[0], background="red}</style><script>")
    scheme = replace(material.scheme, labels=(bent, *material.scheme.labels[1:]))
    assert reader_page(replace(material, scheme=scheme)).count("<script>") == 1


def test_hostile_words_stay_words(material: Material) -> None:
    text = reader_page(hostile(material))
    found = Page(text)
    assert found.tags["script"] == 1
    assert found.tags["img"] == 0
    assert [name for _, name, _ in found.attributes if name.startswith("on")] == []
    assert found.scripts == Page(reader_page(material)).scripts
    shown = "".join(found.texts)
    assert HOSTILE[:40] in shown
    assert all(value != HOSTILE for _, name, value in found.attributes if name == "lang")


def test_a_withheld_text_is_said_to_be_withheld(material: Material) -> None:
    text = reader_page(replace(material, dataset=withheld(material.dataset)))
    found = Page(text)
    assert found.texts == []
    assert text.count("is withheld") == 3
    assert len(found.entries) == 14


def test_a_dataset_without_labels_has_a_page(material: Material) -> None:
    data = replace(material.dataset, labels=(), relations=(), comments=())
    found = Page(reader_page(replace(material, dataset=data)))
    assert found.texts == [one.text for one in data.passages]
    assert found.entries == {}


def test_the_writer_says_what_the_page_does_not_show(material: Material, tmp_path: Path) -> None:
    losses = {one.what: one.count for one in write(material, tmp_path)}
    data = material.dataset
    assert losses["suggestions"] == len(data.suggestions)
    assert losses["quarantine"] == len(data.quarantine)
    assert losses["labels.anchor"] == sum(bool(row.anchor) for row in data.labels)
    assert not losses.keys() & {"labels", "passages", "documents", "relations", "comments"}
    assert (tmp_path / READER).read_bytes() == reader_page(material).encode()
    assert write(replace(material, dataset=replace(data, labels=data.labels[:1])), tmp_path)
    # A selection may leave a relation without its ends.
    stray = {
        one.what: one.count for one in write(replace(material, dataset=replace(data, labels=())), tmp_path)
    }
    assert stray["relations"] == len(data.relations)


def test_a_dataset_with_it_is_verified_with_it(study: Study, tmp_path: Path) -> None:
    own = Study(shutil.copytree(study.root, tmp_path / "s"))
    options = export.ExportOptions(formats=("reader",))
    export.apply(own, export.plan(own, "d", options))
    written = own.exports_dir / "d" / READER
    assert written.read_bytes() == reader_page(export.material_of(own, "d", options)).encode()
    assert verify(own, "d").problems == ()
    written.write_bytes(written.read_bytes().replace(b"DATE", b"DATA", 1))
    assert any(READER in problem.file for problem in examine(own, "d").problems)


texts = st.text(alphabet="ab<&>\"'\n😀", min_size=1, max_size=40)


@given(texts, st.lists(st.tuples(st.integers(0, 39), st.integers(1, 12)), max_size=12))
def test_marks_keep_the_text_and_cover_their_ranges(text: str, places: list[tuple[int, int]]) -> None:
    marks = [
        Mark(start, min(start + length, len(text)), number, f"k{number}", f"N{number}", "<b>")
        for number, (start, length) in enumerate(places)
        if start < len(text)
    ]
    found, lanes = marked(text, marks)
    page = Page(f'<div class="text">{found}</div>')
    assert page.texts == [text]
    assert page.covered == {str(one.number): text[one.start : one.end] for one in marks}
    assert page.tags["b"] == 0
    depth = max((sum(one.start <= at < one.end for one in marks) for at in range(len(text))), default=0)
    assert lanes == depth


def test_a_label_keeps_its_lane_and_each_lane_has_a_height() -> None:
    found, _ = marked("abcdef", [Mark(0, 4, 0, "x", "A", ""), Mark(2, 6, 1, "y", "B", "")])
    assert set(re.findall(r'class="x (l\d)"', found)) == {"l0"}
    assert set(re.findall(r'class="y (l\d)"', found)) == {"l1"}
    assert len(re.findall(r"\.l\d", lane_styles())) == LANES
