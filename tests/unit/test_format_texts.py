"""Labelled texts and losses: which texts there are, safe names, and counts that come from the rows."""

from __future__ import annotations

from dataclasses import replace

import materials
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotate.core.dataset.losses import Loss, lost_columns, lost_tables, reported
from annotate.core.dataset.texts import absent_texts, folder_names, labelled_texts, safe_name, text_losses
from annotate.formats.writers import brat, cas, conllu, label_studio, prodigy, tei, timeml, webannotation
from annotate.formats.writing import Writer

WRITERS: tuple[Writer, ...] = (
    *(brat.write, cas.write, conllu.write, conllu.write_iob2, label_studio.write),
    *(prodigy.write, tei.write, timeml.write, webannotation.write),
)


def test_every_label_is_in_one_text_of_its_annotator() -> None:
    dataset = materials.nasty().dataset
    texts = list(labelled_texts(dataset))
    assert sorted(label.label_id for text in texts for label in text.labels) == sorted(
        row.label_id for row in dataset.labels
    )
    assert len({text.text_id for text in texts}) == len(texts)
    for text in texts:
        assert {label.annotator for label in text.labels} <= {text.annotator}
        for label in text.labels:
            assert text.passage.text[label.start : label.end] == label.quote


def test_a_confirmed_passage_without_labels_is_a_text_and_an_open_one_is_none() -> None:
    dataset = replace(materials.nasty().dataset, labels=(), relations=())
    confirmed = {(row.passage_id, row.assignee) for row in dataset.assignments if row.status == "confirmed"}
    texts = list(labelled_texts(dataset))
    assert {(text.passage.passage_id, text.annotator) for text in texts} == confirmed
    assert confirmed
    assert all(text.confirmed for text in texts)
    losses = {loss.what: loss.count for loss in absent_texts(dataset)}
    assert losses["passages without labels"] == len(dataset.passages) - len({one for one, _ in confirmed})


def withheld() -> materials.Material:
    """The nasty study with the text of its first passage kept back."""
    material = materials.nasty()
    first, *rest = material.dataset.passages
    passages = (replace(first, text="", pieces=""), *rest)
    return replace(material, dataset=replace(material.dataset, passages=passages))


@pytest.mark.parametrize(
    "writer", WRITERS, ids=lambda one: f"{one.__module__.rpartition('.')[2]}-{one.__name__}"
)
def test_no_writer_lets_a_withheld_text_through(writer: Writer) -> None:
    material = withheld()
    hidden = material.dataset.passages[0].passage_id
    kept = sum(row.passage_id == hidden for row in material.dataset.labels)
    files, losses = materials.written(writer, material)
    assert not any(hidden in name for name in files)
    if writer is not webannotation.write:
        # There a label has its quote, of bounded length, and no text.
        assert b"Ministerin sprach" not in b"".join(files.values())
        assert losses["withheld texts"] == 1
        assert losses["labels of withheld texts"] == kept


@given(st.sets(st.text(), max_size=8))
@example({"A1", "a1", "../../etc", "con", "unknown", "", "a/b", "a\\b", "a b", "x" * 300, "\ud800"})
def test_file_names_are_safe_and_distinct_for_any_names(names: set[str]) -> None:
    made = folder_names(names)
    assert len({one.casefold() for one in made.values()}) == len(names)
    materials.assert_safe({one: b"" for one in made.values()})
    assert all(0 < len(one) <= 80 for one in made.values())


def test_plain_names_stay_and_devices_do_not() -> None:
    assert [safe_name(one) for one in ("A1", "anna-b_2", "")] == ["A1", "anna-b_2", "unknown"]
    assert all(safe_name(one) != one for one in ("con", "NUL", "unknown", ".", "..", "a.b", "ä"))


def test_losses_count_cells_that_are_not_empty() -> None:
    dataset = materials.nasty().dataset
    found = {loss.what: loss.count for loss in lost_columns(dataset, "labels", ("label_id",), "why")}
    assert "labels.label_id" not in found
    assert found["labels.label"] == len(dataset.labels)
    assert found["labels.score"] == sum(row.score is not None for row in dataset.labels)
    assert found["labels.value"] == sum(bool(row.value) for row in dataset.labels)
    tables = {loss.what: loss.count for loss in lost_tables(dataset, ("labels",), "why")}
    assert tables["passages"] == len(dataset.passages)
    assert "labels" not in tables
    whole = {loss.what for loss in text_losses(dataset, "why", relations=())}
    assert "relations" in whole
    assert not any(name.startswith("relations.") for name in whole)


def test_what_concerns_nothing_is_not_reported_and_the_same_thing_is_added_up() -> None:
    assert reported([Loss("a", 1, "w"), Loss("b", 0, "w"), Loss("a", 2, "w")]) == (Loss("a", 3, "w"),)


def test_a_column_or_table_that_is_none_is_a_mistake_of_the_writer() -> None:
    dataset = materials.nasty().dataset
    with pytest.raises(ValueError, match="no column"):
        lost_columns(dataset, "labels", ("lable",), "why")
    with pytest.raises(ValueError, match="no table"):
        lost_tables(dataset, ("lables",), "why")
