"""Tokens, CoNLL-U Plus and IOB2: read back by small readers, every label where it was or reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import materials
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.core.dataset.texts import LabelledText, folder_names, labelled_texts
from annotate.formats.tokens import sentences_of, tokens_of
from annotate.formats.writers import conllu


@given(strategies.texts, st.lists(st.integers(0, 220)))
def test_tokens_hold_everything_but_blanks_and_respect_cuts(text: str, cuts: list[int]) -> None:
    tokens = tokens_of(text, cuts)
    assert all(start < end for start, end in tokens)
    assert all(one[1] <= two[0] for one, two in pairwise(tokens))
    assert "".join(text[start:end] for start, end in tokens) == "".join(text.split())
    assert not any(start < cut < end for start, end in tokens for cut in cuts)


@given(strategies.texts, st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60))))
def test_no_span_crosses_a_sentence(text: str, drawn: list[tuple[int, int]]) -> None:
    spans = [(start, min(len(text), start + length)) for start, length in drawn if start < len(text)]
    sentences = sentences_of(text, spans)
    outside = text
    for start, end in reversed(sentences):
        assert start < end
        outside = outside[:start] + outside[end:]
    assert not outside.strip()
    for start, end in spans:
        words = text[start:end]
        if words.strip():
            first = start + len(words) - len(words.lstrip())
            last = start + len(words.rstrip())
            assert any(low <= first and last <= high for low, high in sentences)


def conllu_labels(data: bytes) -> Iterator[tuple[str, Counter[tuple[str, int, int]], list[str]]]:
    """(text id, labels as (name, start, end), label ids) of a CoNLL-U Plus file; code points."""
    lines = data.decode("utf-8").split("\n")
    columns = lines[0].removeprefix("# global.columns = ").split(" ")
    for block in "\n".join(lines[1:]).split("# newdoc id = ")[1:]:
        rows = [line.split("\t") for line in block.split("\n") if line[:1].isdigit()]
        assert all(len(row) == len(columns) for row in rows)
        found: Counter[tuple[str, int, int]] = Counter()
        ids = []
        places = []
        for row in rows:
            misc = [one.partition("=") for one in row[2].split("|")]
            start, end = next(value for key, _, value in misc if key == "TokenRange").split(":")
            places.append((int(start), int(end)))
            ids += [value for key, _, value in misc if key == "LabelId"]
        for column in range(3, len(columns)):
            found += Counter(spans([row[column] for row in rows], places))
        yield block.split("\n")[0], found, ids


def spans(tags: list[str], places: list[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    name, start, end = "", 0, 0
    for tag, place in [*zip(tags, places, strict=True), ("O", (0, 0))]:
        if tag.startswith("I-"):
            assert tag == f"I-{name}", "IOB2: no I- without its B-"
            end = place[1]
            continue
        if name:
            yield name, start, end
        name, start, end = tag[2:], *place


def trimmed(text: LabelledText) -> Counter[tuple[str, int, int]]:
    """The labels without blanks at their ends, which no token holds."""
    found: Counter[tuple[str, int, int]] = Counter()
    for label in text.labels:
        left, right = len(label.quote.lstrip()), len(label.quote.rstrip())
        if left:
            name = conllu._BLANK.sub("_", label.label)
            found[name, label.end - left, label.start + right] += 1
    return found


@given(materials.materials())
@settings(max_examples=20)
def test_conllu_holds_every_label_that_is_not_reported(material: materials.Material) -> None:
    files, losses = materials.written(conllu.write, material)
    materials.assert_safe(files)
    texts = {text.text_id: text for text in labelled_texts(material.dataset)}
    folders = folder_names({text.annotator for text in texts.values()})
    assert set(files) == {f"conllu/{name}.conllup" for name in folders.values()}
    missing, ids = 0, []
    for data in files.values():
        for text_id, found, own in conllu_labels(data):
            expected = trimmed(texts.pop(text_id))
            assert not found - expected
            missing += (expected - found).total()
            ids += own
    missing += sum(trimmed(text).total() for text in texts.values())
    assert missing == losses.get("overlapping labels", 0)
    bare = losses.get("labels of blanks alone", 0)
    assert len(ids) == len(set(ids)) == len(material.dataset.labels) - missing - bare


def test_the_first_and_longest_of_overlapping_labels_stays() -> None:
    material = materials.nasty()
    files, losses = materials.written(conllu.write, material)
    assert "overlapping labels" not in losses
    told = files["conllu/A1.conllup"].decode()
    assert told.startswith("# global.columns = ID FORM MISC ANNOTATE:FRAME ANNOTATE:RHETORIC\n")
    assert "\t🎉\tSpaceAfter=No|TokenRange=87:88\tO\tI-LOADED\n" in told
    assert "# text = 😀 Die Ministerin sprach von „großen Lu\u0308gen 🎉“ und dankte. Am 3. Mai" in told
    assert "# published = 2020-04-25\n" in told
    assert losses["relations"] == len(materials.nasty().dataset.relations)


def test_iob2_is_tokens_and_tags() -> None:
    files, losses = materials.written(conllu.write_iob2, materials.nasty())
    blocks = files["iob2/A1.iob2"].decode().split("\n\n")
    assert blocks[0] == "-DOCSTART-\tpsg-0872b363848e.A1"
    rows = [line.split("\t") for block in blocks for line in block.split("\n") if line]
    assert {len(row) for row in rows} == {2, 3}
    assert ["großen", "O", "B-LOADED"] in rows
    assert losses["relations"] == len(materials.nasty().dataset.relations)
    assert losses["labels.label_id"] == 14
    assert losses["blanks between tokens"] > 50


@pytest.mark.parametrize("writer", [conllu.write, conllu.write_iob2])
def test_the_same_material_gives_the_same_bytes(writer: materials.Writer) -> None:
    assert materials.written(writer, materials.nasty()) == materials.written(writer, materials.nasty())
