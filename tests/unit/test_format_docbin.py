"""spaCy DocBin: read back by spaCy, split by document, and accepted by `spacy debug data`."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import materials
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.cli.debug_data import debug_data
from spacy.cli.init_config import init_config
from spacy.tokens import Doc

from annotate.core.dataset.losses import Loss
from annotate.core.dataset.texts import labelled_texts
from annotate.nlp import docbin


def read_all(material: materials.Material) -> tuple[list[Doc], tuple[Loss, ...]]:
    with tempfile.TemporaryDirectory() as root:
        losses = docbin.write(material, Path(root))
        docs = [doc for split in docbin.SPLITS for doc in docbin.read(Path(root) / "spacy", split)]
    return docs, losses


@given(materials.materials())
@settings(max_examples=6)
def test_every_label_is_there_and_every_widened_one_counted(material: materials.Material) -> None:
    docs, losses = read_all(material)
    counts = {loss.what: loss.count for loss in losses}
    rows = {row.label_id: row for row in material.dataset.labels}
    widened = 0
    seen = set()
    for doc in docs:
        told = doc.user_data[docbin.KEY]
        for layer, group in doc.spans.items():
            for span in group:
                row = rows[span.id_]
                seen.add(span.id_)
                assert (layer, span.label_, span.kb_id_) == (row.layer, row.label, row.value)
                assert span.start_char <= row.end - len(row.quote.lstrip())
                assert row.start + len(row.quote.rstrip()) <= span.end_char
                widened += span.text != row.quote
                exact = told["labels"][row.label_id]
                assert doc.text[exact["start"] : exact["end"]] == row.quote
                assert exact.get("status") == row.status
    assert widened == counts.get("labels that are not whole tokens", 0)
    assert len(rows) - len(seen) == counts.get("labels of blanks alone", 0)
    texts = sorted(text.passage.text for text in labelled_texts(material.dataset))
    assert sorted(doc.text for doc in docs) == texts


def test_people_relations_and_values_are_kept() -> None:
    material = materials.nasty()
    docs, losses = read_all(material)
    assert not any(loss.what.startswith(("labels.", "relations.")) for loss in losses)
    by_person = {(doc.user_data[docbin.KEY].get("annotator"), doc.text[:6]): doc for doc in docs}
    doc = by_person["A1", "Brücke"]
    assert [(span.text, span.label_, span.kb_id_) for span in doc.spans["frame"]] == [
        ("2020-04-25", "PUB", ""),
        ("3. Mai 2021", "DATE", "2021-05-03"),
    ]
    assert doc.spans["rhetoric"][1].text == "großen Lu\u0308gen 🎉"
    relations = doc.user_data[docbin.KEY]["relations"]
    assert [one["origin"] for one in relations] == ["edited", "accepted", "manual"]
    ids = {span.id_ for group in doc.spans.values() for span in group}
    assert {one[end] for one in relations for end in ("from_label_id", "to_label_id")} <= ids


def test_no_document_is_in_two_splits() -> None:
    with tempfile.TemporaryDirectory() as root:
        docbin.write(materials.nasty(), Path(root))
        folder = Path(root) / "spacy"
        split = json.loads((folder / "split.json").read_bytes())
        at: dict[str, set[str]] = {}
        for name in docbin.SPLITS:
            for doc in docbin.read(folder, name):
                at.setdefault(doc.user_data[docbin.KEY]["document_id"], set()).add(name)
        assert {key: {value} for key, value in split["documents"].items()} == at
        assert all(one["files"] == [f"{name}.spacy"] for name, one in split["splits"].items())


@given(st.sets(st.text(min_size=1), min_size=3, max_size=60))
@settings(max_examples=15)
def test_a_document_keeps_its_split_when_the_study_grows(documents: set[str]) -> None:
    few = sorted(documents)[:-1]
    before, after = docbin.splits_of(few), docbin.splits_of(documents)
    assert set(after.values()) == {"train", "dev", "test"}
    shares = docbin.splits_of([*documents, *map(str, range(90))])
    # Only a document that filled an empty split may move back.
    assert sum(before[one] != shares[one] for one in few) <= 2


def test_the_shares_are_about_what_they_say() -> None:
    found = list(docbin.splits_of(map(str, range(5000))).values())
    assert found.count("train") in range(3900, 4100)
    assert found.count("dev") in range(440, 560)


def test_a_full_file_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = read_all(materials.nasty())
    monkeypatch.setattr(docbin, "DOCS_IN_MEMORY", 1)
    files, _ = materials.written(docbin.write, materials.nasty())
    assert "spacy/train-3.spacy" in files
    parts, _ = read_all(materials.nasty())
    assert [doc.text for doc in parts] == [doc.text for doc in whole]


@pytest.mark.parametrize("language", ["ja", "qq", "", "../x"])
def test_a_language_that_spacy_cannot_make_is_read_all_the_same(language: str) -> None:
    assert docbin.blank(language).lang == "xx"


def test_the_same_material_gives_the_same_bytes() -> None:
    one, two = (materials.written(docbin.write, materials.nasty()) for _ in range(2))
    assert one == two


@pytest.fixture
def trainable(tmp_path: Path) -> Path:
    """The nasty study under many document ids, so that there is something in every split."""
    dataset = materials.nasty().dataset
    tables = {"documents": [], "passages": [], "labels": [], "assignments": []}
    for number in range(22):
        for name, rows in tables.items():
            for row in getattr(dataset, name):
                keys = {"document_id": f"{row.document_id}-{number}"}
                if name != "documents":
                    keys["passage_id"] = f"{row.passage_id}-{number}"
                if name == "labels":
                    keys["label_id"] = f"{row.label_id}-{number}"
                rows.append(replace(row, **keys))
    many = replace(dataset, relations=(), **{name: tuple(rows) for name, rows in tables.items()})
    docbin.write(replace(materials.nasty(), dataset=many), tmp_path)
    return tmp_path / "spacy"


def test_spacy_debug_data_accepts_it(trainable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = init_config(lang="xx", pipeline=["spancat"], optimize="efficiency", silent=True)
    config["components"]["spancat"]["spans_key"] = "rhetoric"
    config["paths"]["train"] = str(trainable / "train.spacy")
    config["paths"]["dev"] = str(trainable / "dev.spacy")
    path = trainable / "config.cfg"
    config.to_disk(path)
    debug_data(path, silent=False)
    told = capsys.readouterr().out
    assert "Corpus is loadable" in told
    assert "LOADED" in told
    assert "✘" not in told.replace("✘ Low number of training examples", "")


def test_spacy_debug_data_refuses_a_broken_file(trainable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (trainable / "train.spacy").read_bytes()
    (trainable / "train.spacy").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="E1014"):
        list(spacy.tokens.DocBin().from_disk(trainable / "train.spacy").get_docs(spacy.blank("xx").vocab))
