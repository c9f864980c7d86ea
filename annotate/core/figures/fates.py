"""What became of the suggestions, by agent, by label or relation and by annotator."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from annotate.core.dataset.suggestion_rows import SuggestedRelationRow, SuggestionRow
from annotate.core.figures.controls import WORDS, control_sheets
from annotate.core.figures.material import Material
from annotate.core.figures.proportions import wilson
from annotate.core.figures.sheets import Section, Sheet, count, share, text

DECIDED: Final = ("accepted", "edited", "rejected")
FATES: Final = (*DECIDED, "untouched", "not_pushed")


def fates_section(material: Material) -> Section:
    """Counts of fates, the share accepted as it was with its Wilson interval, and control passages."""
    title = "What became of suggestions"
    rows = material.dataset.suggestions
    if not rows:
        return Section("fates", title, ("No suggestions were made.",))
    words = (
        "A suggestion is decided when an annotator confirmed its passage, moved or relabelled it, or deleted "
        "it. The share is that of decided suggestions accepted as they were, with a 95 % Wilson interval. "
        "The interval takes the decisions for independent, which those in one passage are not: read it as "
        "the least uncertainty there is. Doccano deletes a relation with either of its labels; one that was "
        "drawn again is edited.",
    )
    controls = control_sheets(material.dataset)
    return Section(
        "fates",
        title,
        (*words, WORDS) if controls else words,
        (
            _by("by_agent", (_AGENT,), rows),
            _by("by_label", (_LABEL,), rows),
            _by("by_annotator", (_ANNOTATOR,), rows),
            _by("by_all", (_AGENT, _LABEL, _ANNOTATOR), rows),
            *relation_sheets(material.dataset.suggested_relations),
            *controls,
        ),
    )


def relation_sheets(rows: Sequence[SuggestedRelationRow]) -> tuple[Sheet, ...]:
    """The same of relations that machines drew; nothing where there are none."""
    if not rows:
        return ()
    return (
        _by("relations_by_agent", (_AGENT,), rows, _RELATIONS),
        _by("relations_by_relation", (_RELATION,), rows, _RELATIONS),
        _by("relations_by_annotator", (_ANNOTATOR,), rows, _RELATIONS),
        _by("relations_by_all", (_AGENT, _RELATION, _ANNOTATOR), rows, _RELATIONS),
    )


_Row = SuggestionRow | SuggestedRelationRow
_Part = tuple[str, Callable[[_Row], str]]
_RELATIONS: Final = "suggested relations"
_AGENT: Final[_Part] = ("agent", lambda one: f"{one.agent} {one.agent_version}")
_LABEL: Final[_Part] = ("label", lambda one: getattr(one, "label", ""))
_RELATION: Final[_Part] = ("relation", lambda one: getattr(one, "relation", ""))
_ANNOTATOR: Final[_Part] = ("annotator", lambda one: one.assignee or "(not pushed)")


def _by(name: str, parts: tuple[_Part, ...], rows: Iterable[_Row], of: str = "suggestions") -> Sheet:
    groups: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for one in rows:
        groups[tuple(key(one) for _, key in parts)][one.fate] += 1
    cells = []
    for group, counts in sorted(groups.items()):
        decided = sum(counts[fate] for fate in DECIDED)
        found = wilson(counts["accepted"], decided)
        numbers = (counts[fate] for fate in FATES)
        cells.append((*group, *numbers, decided, found.share, found.low, found.high))
    columns = (
        *(text(column, column.capitalize()) for column, _ in parts),
        *(count(fate, fate.replace("_", " ").capitalize()) for fate in FATES),
        count("decided", "Decided"),
        *(share("share", "Accepted share"), share("low", "from"), share("high", "to")),
    )
    by = ", ".join(column for column, _ in parts)
    return Sheet(name, f"Fates of {of} by {by}", columns, tuple(cells))
