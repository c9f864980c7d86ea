"""TEI and TimeML: valid by schema, read back by small readers of their own, and shown to fail when broken."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import materials
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from annotate.core.dataset.texts import folder_names, labelled_texts
from annotate.formats.writers import tei, timeml
from annotate.formats.xml_text import attributes, escaped, illegal_count, legal

SCHEMAS = Path(__file__).parent.parent / "schemas"
TEI = "{http://www.tei-c.org/ns/1.0}"
ID = "{http://www.w3.org/XML/1998/namespace}id"
POINTER = re.compile(r"#string-range\((.+),(\d+),(\d+)\)\Z")


@cache
def tei_schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / "tei-standoff.rng"))


@cache
def timeml_schema() -> etree.DTD:
    return etree.DTD(str(SCHEMAS / "timeml.dtd"))


def parse(data: bytes) -> etree._Element:
    # As a careful reader would: no entities, no network.
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def tei_labels(root: etree._Element) -> dict[str, tuple[str, str, str]]:
    """Label id to (label, the words it points at, annotator)."""
    texts = {one.get(ID): one.text or "" for one in root.iter(f"{TEI}ab")}
    names = {one.get(ID): one.get("n") for one in root.iter(f"{TEI}category")}
    found = {}
    for one in root.iter(f"{TEI}annotation"):
        if one.get("motivation") == "tagging":
            passage, start, length = POINTER.match(one.get("target")).groups()
            label = names[one.find(f"{TEI}ptr").get("target").removeprefix("#")]
            words = texts[passage][int(start) : int(start) + int(length)]
            found[one.get(ID)] = (label, words, one.findtext(f"{TEI}respStmt/{TEI}name") or "")
    return found


class TestTei:
    @given(materials.materials())
    @settings(max_examples=15)
    def test_any_dataset_is_valid_and_points_at_its_words(self, material: materials.Material) -> None:
        files, losses = materials.written(tei.write, material)
        materials.assert_safe(files)
        read = {}
        texts = []
        for data in files.values():
            root = parse(data)
            assert tei_schema().validate(root), tei_schema().error_log
            read.update(tei_labels(root))
            texts += [one.text or "" for one in root.iter(f"{TEI}ab")]
        rows = material.dataset.labels
        assert read == {
            row.label_id: (legal(row.label), legal(row.quote), legal(row.annotator)) for row in rows
        }
        assert sorted(texts) == sorted(legal(row.text) for row in material.dataset.passages)
        assert losses.get("characters that XML cannot hold", 0) == illegal_count(
            row.text for row in material.dataset.passages
        )

    def test_the_nasty_study_keeps_every_column_it_does_not_report(self) -> None:
        material = materials.nasty()
        files, losses = materials.written(tei.write, material)
        roots = [parse(data) for data in files.values()]
        assert all(tei_schema().validate(root) for root in roots)
        notes = {
            one.get(ID): {note.get("type"): note.text for note in one.iter(f"{TEI}note")}
            for root in roots
            for one in root.iter(f"{TEI}annotation")
        }
        assert not any(name.startswith(("labels.", "relations.")) for name in losses)
        for row in material.dataset.labels:
            assert notes[row.label_id]["source_ranges"] == row.source_ranges
            assert notes[row.label_id].get("value", "") == row.value
        for relation in material.dataset.relations:
            told = notes[relation.relation_id]
            assert (told["relation"], told["origin"]) == ("dates", relation.origin)
            assert told.get("suggestion_id", "") == relation.suggestion_id

    def test_the_header_says_where_a_text_is_from(self) -> None:
        files, _ = materials.written(tei.write, materials.nasty())
        root = parse(files["tei/doc-e5cb69147ce3.xml"])
        told = {
            (one.tag.removeprefix(TEI), one.get("type"), one.get("when")): one.text
            for one in root.find(f".//{TEI}sourceDesc/{TEI}bibl")
        }
        assert told["title", None, None] == "Brücke eröffnet 😀"
        assert told["publisher", None, None] == "Küstenbote"
        assert told["orgName", "agency", None] == "KBA"
        assert told["date", None, "2020-04-25"] == "2020-04-25"
        assert root.findtext(f".//{TEI}availability/{TEI}p") == "CC0-1.0, invented"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'motivation="tagging"', b'motivation="guessing"'),
            (b"#string-range(", b"#somewhere("),
            (b"<standOff>", b"<standoff>"),
            (b'xml:id="lbl-', b'n="lbl-'),
            (b'<date when="2020-04-25">', b'<date when="25 April">'),
        ],
    )
    def test_a_broken_file_is_invalid(self, old: bytes, new: bytes) -> None:
        files, _ = materials.written(tei.write, materials.nasty())
        data = files["tei/doc-e5cb69147ce3.xml"]
        assert tei_schema().validate(parse(data))
        broken = (
            data.replace(b"standOff>", b"standoff>") if old == b"<standOff>" else data.replace(old, new, 1)
        )
        assert broken != data
        assert not tei_schema().validate(parse(broken))


def timeml_marks(root: etree._Element) -> tuple[str, dict[str, tuple[int, int, str]]]:
    """The text, and label id to place and value."""
    body = root.find("TEXT")
    words, found = body.text or "", {}
    for mark in body:
        start = len(words)
        words += mark.text or ""
        found[mark.get("comment")] = (start, len(words), mark.get("value"))
        words += mark.tail or ""
    return words, found


class TestTimeml:
    @given(materials.materials())
    @settings(max_examples=15)
    def test_any_dataset_is_valid_and_keeps_text_and_places(self, material: materials.Material) -> None:
        files, losses = materials.written(timeml.write, material)
        materials.assert_safe(files)
        texts = list(labelled_texts(material.dataset))
        folders = folder_names({text.annotator for text in texts})
        counts: Counter[str] = Counter()
        for text in texts:
            root = parse(files[f"timeml/{folders[text.annotator]}/{text.passage.passage_id}.tml"])
            assert timeml_schema().validate(root), timeml_schema().error_log
            words, marks = timeml_marks(root)
            assert words == legal(text.passage.text)
            dates = {label.label_id: label for label in text.labels if label.label == "DATE"}
            for label_id, (start, end, value) in marks.items():
                row = dates.pop(label_id)
                assert (start, end) == (row.start, row.end)
                assert value in (row.value, timeml.UNKNOWN)
                counts["unknown"] += value == timeml.UNKNOWN
            counts["overlapping"] += len(dates)
            counts["others"] += sum(label.label != "DATE" for label in text.labels)
        assert counts["unknown"] == losses.get("dates without a value", 0)
        assert counts["overlapping"] == losses.get("overlapping dates", 0)
        assert counts["others"] == losses.get("labels that are no date", 0)

    def test_values_and_the_publication_date(self) -> None:
        files, _ = materials.written(timeml.write, materials.nasty())
        root = parse(files["timeml/A1/psg-0872b363848e.tml"])
        assert [(one.get("value"), one.text) for one in root.find("DCT")] == [("2020-04-25", "2020-04-25")]
        assert root.find("DCT/TIMEX3").get("functionInDocument") == "PUBLICATION_TIME"
        assert [(one.get("type"), one.get("value"), one.text) for one in root.find("TEXT")] == [
            ("DATE", "2021-05-03", "3. Mai 2021")
        ]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'type="DATE"', b'type="DAY"'),
            (b'tid="t1"', b'tid="t0"'),
            (b' value="2021-05-03"', b""),
            (b"<DCT>", b"<DCT><DOCID/>"),
        ],
    )
    def test_a_broken_file_is_invalid(self, old: bytes, new: bytes) -> None:
        files, _ = materials.written(timeml.write, materials.nasty())
        data = files["timeml/A1/psg-0872b363848e.tml"]
        assert timeml_schema().validate(parse(data))
        assert old in data
        assert not timeml_schema().validate(parse(data.replace(old, new, 1)))


@given(st.text(max_size=40))
def test_what_is_escaped_reads_back_in_text_and_attributes(text: str) -> None:
    told = legal(text)
    assert len(told) == len(text)
    assert parse(f"<a>{escaped(text)}</a>".encode()).text == (told or None)
    assert parse(f"<a{attributes({'b': text})}/>".encode()).get("b") == (told or None)


@pytest.mark.parametrize("writer", [tei.write, timeml.write])
def test_the_same_material_gives_the_same_bytes(writer: materials.Writer) -> None:
    assert materials.written(writer, materials.nasty()) == materials.written(writer, materials.nasty())
