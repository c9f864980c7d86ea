"""brat, UIMA CAS, Prodigy, Label Studio: what our own importers and dkpro-cassis read is what was written."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

import cassis
import materials
import pytest
from hypothesis import given, settings

from annotate.core.dataset.texts import LabelledText, folder_names, labelled_texts
from annotate.core.imports.foreign import ForeignFile, ForeignText
from annotate.core.imports.units import read_offsets
from annotate.core.offsets import Utf16Map
from annotate.formats.foreign import READERS
from annotate.formats.foreign.given import Given
from annotate.formats.writers import brat, cas, label_studio, prodigy
from annotate.formats.writing import Material
from annotate.formats.xml_text import legal

ENDS = re.compile(r"[\r\n]")
Place = tuple[str, int, int]
LAYER = f"{cas.LABEL}:label,{cas.RELATION}:relation"


def texts_by_file(material: Material) -> Iterator[tuple[str, LabelledText]]:
    """(folder of the annotator, text)."""
    texts = list(labelled_texts(material.dataset))
    folders = folder_names({text.annotator for text in texts})
    yield from ((folders[text.annotator], text) for text in texts)


def places(text: LabelledText) -> Counter[Place]:
    return Counter((label.label, label.start, label.end) for label in text.labels)


def relations(text: LabelledText) -> Counter[tuple[str, Place, Place]]:
    at = {label.label_id: (label.label, label.start, label.end) for label in text.labels}
    return Counter((row.relation, at[row.from_label_id], at[row.to_label_id]) for row in text.relations)


def read(name: str, file: str, files: Mapping[str, bytes], **more: object) -> ForeignFile:
    found = READERS[name](Given(file, file.split("/")[-1].split(".")[0], files[file], **more))  # type: ignore[arg-type]
    assert not found.broken
    return found


def read_places(text: ForeignText, file: ForeignFile) -> dict[str, Place]:
    """Where the importer would put each label, by key."""
    units = Utf16Map(text.text)
    found = {}
    for label in text.labels:
        reading = read_offsets(text.text, units, label, file.unit)
        if reading.place is not None:
            found[label.key] = (label.label, reading.place.start, reading.place.end)
    return found


def read_relations(text: ForeignText, at: Mapping[str, Place]) -> Counter[tuple[str, Place, Place]]:
    return Counter((one.relation, at[one.from_key], at[one.to_key]) for one in text.relations)


class TestBrat:
    @given(materials.materials())
    @settings(max_examples=12)
    def test_our_importer_reads_what_is_not_reported(self, material: Material) -> None:
        files, losses = materials.written(brat.write, material)
        materials.assert_safe(files)
        names = {plain: name for name, plain in brat._plain(["DATE", "PUB", "LOADED", "<&\"' ü|x"]).items()}
        over = blank = 0
        for folder, text in texts_by_file(material):
            stem = f"brat/{folder}/{text.passage.passage_id}"
            assert files[f"{stem}.txt"].decode("utf-8") == text.passage.text
            file = read("brat", f"{stem}.ann", files, text_data=files[f"{stem}.txt"])
            (told,) = file.texts
            found = Counter((names[label], *rest) for label, *rest in read_places(told, file).values())
            plain = Counter(
                place for place in places(text).elements() if not ENDS.search(text.passage.text, *place[1:])
            )
            assert not plain - found
            odd = [label.quote for label in text.labels if ENDS.search(label.quote)]
            over += sum(bool(quote.strip("\r\n")) for quote in odd)
            blank += sum(not quote.strip("\r\n") for quote in odd)
            assert found.total() + len(file.left_out) == len(text.labels) - sum(
                not quote.strip("\r\n") for quote in odd
            )
        assert losses.get("labels with a line end", 0) == over
        assert losses.get("labels of line ends alone", 0) == blank

    @given(materials.materials())
    @settings(max_examples=12)
    def test_fragments_are_words_of_one_line(self, material: Material) -> None:
        files, _ = materials.written(brat.write, material)
        for folder, text in texts_by_file(material):
            for line in files[f"brat/{folder}/{text.passage.passage_id}.ann"].decode().split("\n"):
                if not line.startswith("T"):
                    continue
                _, where, words = line.split("\t", 2)
                spans = [tuple(map(int, one.split(" "))) for one in where.split(" ", 1)[1].split(";")]
                parts = [text.passage.text[start:end] for start, end in spans]
                assert " ".join(parts) == words
                assert all(start < end for start, end in spans)

    def test_relations_attributes_and_notes_hold_the_rest(self) -> None:
        files, losses = materials.written(brat.write, materials.nasty())
        told = files["brat/A1/psg-0872b363848e.ann"].decode()
        assert "R3\tdates Arg1:T5 Arg2:T3\n" in told
        assert "R2\tdates Arg1:T5 Arg2:T1\n" in told
        assert "A1\tstatus T1 confirmed\n" in told
        notes = [json.loads(line.split("\t")[2]) for line in told.split("\n") if line.startswith("#")]
        row = next(one for one in materials.nasty().dataset.labels if one.label_id == notes[0]["label_id"])
        assert notes[0]["source_ranges"] == row.source_ranges
        assert losses["labels with a line end"] == 1
        assert b"dates\tArg1:DATE, Arg2:LOADED" in files["brat/A1/annotation.conf"]
        assert b"DATE\tfgColor:#ffffff, bgColor:#00838f" in files["brat/A1/visual.conf"]
        index = [json.loads(line) for line in files["brat/texts.jsonl"].splitlines()]
        assert {one["passage_id"] for one in index if one["folder"] == "A1"} == {
            row.passage_id for row in materials.nasty().dataset.passages
        }

    def test_names_stay_distinct(self) -> None:
        made = brat._plain(["a b", "a_b", "a|b", "ä"])
        assert len(set(made.values())) == 4
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in made.values())


class TestCas:
    @given(materials.materials())
    @settings(max_examples=12)
    def test_our_importer_reads_everything(self, material: Material) -> None:
        files, losses = materials.written(cas.write, material)
        materials.assert_safe(files)
        lost = 0
        for folder, text in texts_by_file(material):
            file = read("cas", f"cas/{folder}/{text.passage.passage_id}.xmi", files, layer=LAYER)
            (told,) = file.texts
            assert told.text == legal(text.passage.text)
            lost += sum(one != two for one, two in zip(told.text, text.passage.text, strict=True))
            found = read_places(told, file)
            assert Counter(found.values()) == places(text)
            assert read_relations(told, found) == relations(text)
        assert lost == losses.get("characters that XML cannot hold", 0)

    def test_cassis_reads_every_column_and_the_words_after_emoji(self) -> None:
        material = materials.nasty()
        files, _ = materials.written(cas.write, material)
        types = cassis.load_typesystem(io.BytesIO(files["cas/TypeSystem.xml"]))
        rows = {row.label_id: row for row in material.dataset.labels}
        seen = set()
        for folder, text in texts_by_file(material):
            data = files[f"cas/{folder}/{text.passage.passage_id}.xmi"]
            opened = cassis.load_cas_from_xmi(io.BytesIO(data), typesystem=types)
            for one in opened.select(cas.LABEL):
                row = rows[one.label_id]
                seen.add(row.label_id)
                assert one.get_covered_text() == row.quote
                assert (one.layer, one.label, one.pass_name) == (row.layer, row.label, row.pass_)
                assert (one.annotator or "") == row.annotator
                assert (one.score or "") == ("" if row.score is None else repr(row.score))
            ends = [(one.Governor.label_id, one.Dependent.label_id) for one in opened.select(cas.RELATION)]
            assert sorted(ends) == sorted((row.from_label_id, row.to_label_id) for row in text.relations)
            words = [one.get_covered_text() for one in opened.select(f"{cas._SEGMENT}.Token")]
            assert words
            assert all(word == word.strip() != "" for word in words)
            assert [one.get_covered_text() for one in opened.select(f"{cas._SEGMENT}.Sentence")]
        assert seen == set(rows)

    @given(materials.materials())
    @settings(max_examples=10)
    def test_cassis_writes_the_same_again(self, material: Material) -> None:
        files, _ = materials.written(cas.write, material)
        types = cassis.load_typesystem(io.BytesIO(files["cas/TypeSystem.xml"]))
        for folder, text in texts_by_file(material):
            data = files[f"cas/{folder}/{text.passage.passage_id}.xmi"]
            opened = cassis.load_cas_from_xmi(io.BytesIO(data), typesystem=types)
            assert Counter(one.get_covered_text() for one in opened.select(cas.LABEL)) == Counter(
                legal(label.quote) for label in text.labels
            )

    def test_a_broken_file_is_noticed(self) -> None:
        files, _ = materials.written(cas.write, materials.nasty())
        types = cassis.load_typesystem(io.BytesIO(files["cas/TypeSystem.xml"]))
        broken = files["cas/A1/psg-0872b363848e.xmi"].replace(b"custom:SourceLabel", b"custom:NoLabel")
        with pytest.raises(cassis.typesystem.TypeNotFoundError):
            cassis.load_cas_from_xmi(io.BytesIO(broken), typesystem=types)


def one_file_an_annotator(
    material: Material, files: Mapping[str, bytes], name: str, pattern: str
) -> Iterator[tuple[ForeignFile, list[tuple[ForeignText, LabelledText]]]]:
    grouped: dict[str, list[LabelledText]] = {}
    for folder, text in texts_by_file(material):
        grouped.setdefault(folder, []).append(text)
    for folder, texts in grouped.items():
        file = read(name, pattern.format(folder), files)
        yield file, list(zip(file.texts, texts, strict=True))


class TestProdigy:
    @given(materials.materials())
    @settings(max_examples=12)
    def test_our_importer_reads_everything(self, material: Material) -> None:
        files, _ = materials.written(prodigy.write, material)
        materials.assert_safe(files)
        for file, pairs in one_file_an_annotator(material, files, "prodigy", "prodigy/{}.jsonl"):
            for told, text in pairs:
                assert told.text == text.passage.text
                assert told.annotator == text.annotator.strip()
                assert told.finished == text.confirmed
                found = read_places(told, file)
                assert Counter(found.values()) == places(text)
                assert len(told.relations) == len(text.relations)

    @given(materials.materials())
    @settings(max_examples=12)
    def test_spans_are_whole_tokens(self, material: Material) -> None:
        files, _ = materials.written(prodigy.write, material)
        for name, data in files.items():
            assert name.endswith(".jsonl")
            for example in map(json.loads, data.decode("utf-8").split("\n")[:-1]):
                tokens = example["tokens"]
                for number, token in enumerate(tokens):
                    assert token["id"] == number
                    assert example["text"][token["start"] : token["end"]] == token["text"]
                for span in example["spans"]:
                    if "token_start" in span:
                        inside = example["text"][span["start"] : tokens[span["token_start"]]["start"]]
                        after = example["text"][tokens[span["token_end"]]["end"] : span["end"]]
                        assert (inside + after).strip() == ""
                    else:
                        assert span["text"].strip() == ""

    def test_every_column_is_there(self) -> None:
        material = materials.nasty()
        files, losses = materials.written(prodigy.write, material)
        assert not any(name.startswith(("labels.", "relations.")) for name in losses)
        example = json.loads(files["prodigy/A1.jsonl"].decode().split("\n")[0])
        relation = example["relations"][-1]
        assert [one["label"] for one in example["relations"]] == ["dates"] * 3
        assert [example["tokens"][relation[end]]["text"] for end in ("head", "child")] == ["2021", "🎉"]
        assert example["answer"] == "accept"
        assert example["_timestamp"] == 1762164600


class TestLabelStudio:
    @given(materials.materials())
    @settings(max_examples=12)
    def test_our_importer_reads_everything(self, material: Material) -> None:
        files, _ = materials.written(label_studio.write, material)
        materials.assert_safe(files)
        ElementTree.fromstring(files["label-studio/config.xml"])
        for folder, texts in grouped(texts_by_file(material)).items():
            file = READERS["label-studio"](Given("x", "x", files[f"label-studio/{folder}.json"]))
            assert not file.broken
            for told, text in zip(file.texts, [one for one in texts if one.labels], strict=True):
                assert told.text == text.passage.text
                found = read_places(told, file)
                # A quote that fits both units leaves the importer in doubt; no label goes elsewhere.
                assert not Counter(found.values()) - places(text)
                assert len(told.relations) == len(text.relations)
                exact = Counter((one.label, one.start, one.end) for one in told.labels)
                assert exact == places(text)

    def test_nobody_is_named_as_author(self) -> None:
        files, losses = materials.written(label_studio.write, materials.nasty())
        tasks = json.loads(files["label-studio/A1.json"])
        assert all("completed_by" not in one for task in tasks for one in task["annotations"])
        assert {task["data"]["annotator"] for task in tasks} == {"A1"}
        assert losses["authors"] == 5
        assert b'<Label value="DATE" background="#00838f"/>' in files["label-studio/config.xml"]


def grouped(pairs: Iterable[tuple[str, LabelledText]]) -> dict[str, list[LabelledText]]:
    found: dict[str, list[LabelledText]] = {}
    for folder, text in pairs:
        found.setdefault(folder, []).append(text)
    return found


@pytest.mark.parametrize("writer", [brat.write, cas.write, prodigy.write, label_studio.write])
def test_the_same_material_gives_the_same_bytes(writer: materials.Writer) -> None:
    assert materials.written(writer, materials.nasty()) == materials.written(writer, materials.nasty())
