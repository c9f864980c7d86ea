"""Whether an annotator works otherwise later than earlier: labels and agreement in the order of work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annotate.core.dataset.rows import AssignmentRow, Dataset, LabelRow
from annotate.core.figures.material import Material
from annotate.core.figures.proportions import wilson
from annotate.core.figures.sheets import Section, Sheet, count, rate, share, text
from annotate.core.offsets import Range

STRETCHES: Final = 8
"""Into how many runs of equal length an annotator's confirmed passages are cut, at most."""
_SHARED: Final = 0.5


def drift_section(material: Material) -> Section:
    """Labels per 1,000 characters and labels that others set too, by annotator and stretch of work."""
    title = "Drift of annotators"
    work = _Work.of(material.dataset)
    if not work.confirmed:
        return Section("drift", title, ("Nothing was confirmed yet, so there is no order of work to show.",))
    words = (
        "Each annotator's confirmed passages in the order of confirmation, cut into up to "
        f"{STRETCHES} stretches of as many passages. A label counts as shared when another annotator who "
        "confirmed the passage set the same label over at least half of the characters that the two cover "
        "together. Passages differ: a step in one stretch is a reason to look, not a finding.",
    )
    rows = [row for person in sorted(work.confirmed) for row in _rows(work, person)]
    columns = (
        *(text("annotator", "Annotator"), count("stretch", "Stretch"), count("passages", "Passages")),
        *(text("first", "First confirmed"), text("last", "Last confirmed")),
        *(count("characters", "Characters"), count("labels", "Labels"), rate("rate", "per 1,000 characters")),
        *(count("comparable", "Comparable"), count("shared", "Shared")),
        *(share("share", "Shared share"), share("low", "from"), share("high", "to")),
    )
    caption = "Work of each annotator in the order of confirmation; intervals are Wilson's, 95 %"
    return Section("drift", title, words, (Sheet("by_stretch", caption, columns, tuple(rows)),))


Place = tuple[str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Work:
    """Confirmed assignments by annotator in the order of work, and what stands on each."""

    confirmed: Mapping[str, Sequence[AssignmentRow]]
    labels: Mapping[Place, Sequence[LabelRow]]
    others: Mapping[tuple[str, str], Sequence[AssignmentRow]]
    lengths: Mapping[str, int]

    @classmethod
    def of(cls, data: Dataset) -> _Work:
        """Gather it from a dataset."""
        confirmed: dict[str, list[AssignmentRow]] = defaultdict(list)
        others: dict[tuple[str, str], list[AssignmentRow]] = defaultdict(list)
        ordered = sorted(data.assignments, key=lambda one: (one.confirmed_at, one.assignment_id))
        for one in ordered:
            if one.status == "confirmed":
                confirmed[one.assignee].append(one)
                others[one.pass_, one.passage_id].append(one)
        labels: dict[Place, list[LabelRow]] = defaultdict(list)
        for label in data.labels:
            if label.doccano_example is not None:
                labels[label.doccano_server, label.doccano_project, label.doccano_example].append(label)
        return cls(confirmed, labels, others, {one.passage_id: len(one.text) for one in data.passages})

    def labels_of(self, one: AssignmentRow) -> Sequence[LabelRow]:
        """The labels on one annotator's copy of a passage."""
        return self.labels.get((one.doccano_server, one.doccano_project, one.doccano_example), ())

    def labels_of_others(self, one: AssignmentRow) -> list[LabelRow] | None:
        """The labels of the others who confirmed the passage; None where nobody else did."""
        others = [two for two in self.others[one.pass_, one.passage_id] if two.assignee != one.assignee]
        return [label for two in others for label in self.labels_of(two)] if others else None


def stretches(number: int) -> list[tuple[int, int]]:
    """``number`` passages cut into at most STRETCHES runs whose lengths differ by one at most."""
    parts = min(STRETCHES, number)
    return [(number * part // parts, number * (part + 1) // parts) for part in range(parts)]


def _rows(work: _Work, person: str) -> list[tuple[str | int | float | None, ...]]:
    own = work.confirmed[person]
    rows: list[tuple[str | int | float | None, ...]] = []
    for number, (start, end) in enumerate(stretches(len(own)), 1):
        part = own[start:end]
        characters = sum(work.lengths.get(one.passage_id, 0) for one in part)
        labels = sum(len(work.labels_of(one)) for one in part)
        comparable, common = _common(work, part)
        found = wilson(common, comparable)
        rows.append(
            (
                *(person, number, len(part), part[0].confirmed_at, part[-1].confirmed_at),
                *(characters, labels, round(labels * 1000 / characters, 3) if characters else None),
                *(comparable, common, found.share, found.low, found.high),
            )
        )
    return rows


def _common(work: _Work, part: Sequence[AssignmentRow]) -> tuple[int, int]:
    comparable = common = 0
    for one in part:
        others = work.labels_of_others(one)
        if others is None:
            continue
        for label in work.labels_of(one):
            comparable += 1
            common += any(is_same(label, other) for other in others)
    return comparable, common


def is_same(one: LabelRow, two: LabelRow) -> bool:
    """The same label, over at least half of the characters that the two cover together."""
    if one.label != two.label:
        return False
    first, second = Range(one.start, one.end), Range(two.start, two.end)
    both = first.overlap(second)
    return both >= _SHARED * (len(first) + len(second) - both)
