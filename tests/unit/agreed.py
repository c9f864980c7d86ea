"""Datasets of nothing but judgments: who set what on which passage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

from annotate.core.dataset.rows import AssignmentRow, Dataset, LabelRow, PassageRow

LENGTH = 100
LAYERS = {"CLAIM": "claims", "LOADED": "rhetoric", "ENEMY": "rhetoric", "DATE": "frame"}
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Said:
    """One annotator's labels on one passage, written ``LABEL 3-9``."""

    passage: str
    annotator: str
    labels: tuple[str, ...]
    confirmed: bool


def said(passage: str, annotator: str, *labels: str, confirmed: bool = True) -> Said:
    """A judgment, confirmed unless told otherwise."""
    return Said(passage, annotator, labels, confirmed)


def blank(kind: type[_Row], **told: Any) -> _Row:
    """A row with these cells and nothing in the others."""
    hints = get_type_hints(kind)
    empty = {str: "", int: 0, bool: False}
    return kind(**{one.name: empty.get(hints[one.name]) for one in fields(kind)} | told)  # type: ignore[arg-type]


def dataset_of(*told: Said) -> Dataset:
    """The tables that hold these judgments; each passage is a document of its own."""
    passages = sorted({one.passage for one in told})
    people = sorted({one.annotator for one in told})
    assignments, labels = [], []
    for one in told:
        place = {
            "doccano_server": "embedded",
            "doccano_project": people.index(one.annotator) + 1,
            "doccano_example": passages.index(one.passage) + 1,
        }
        status = "confirmed" if one.confirmed else "open"
        about = {"passage_id": one.passage, "document_id": f"d-{one.passage}", **place}
        number = f"{one.passage}-{one.annotator}"
        assignments.append(
            blank(
                AssignmentRow,
                assignment_id=f"asg-{number}",
                pass_="spans",
                assignee=one.annotator,
                status=status,
                confirmed_at="2025-11-03T10:00:00Z" if one.confirmed else "",
                **about,
            )
        )
        for at, text in enumerate(one.labels):
            label, span = text.split()
            start, end = map(int, span.split("-"))
            labels.append(
                blank(
                    LabelRow,
                    label_id=f"lbl-{number}-{at}",
                    layer=LAYERS[label],
                    label=label,
                    start=start,
                    end=end,
                    annotator=one.annotator,
                    status="confirmed" if one.confirmed else "draft",
                    **about,
                )
            )
    rows = {
        "assignments": tuple(assignments),
        "labels": tuple(labels),
        "passages": tuple(
            blank(PassageRow, passage_id=one, document_id=f"d-{one}", text="x" * LENGTH) for one in passages
        ),
    }
    return Dataset(**{one.name: rows.get(one.name, ()) for one in fields(Dataset)})
