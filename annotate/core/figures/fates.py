"""What became of the suggestions, by agent, by label and by annotator."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from annotate.core.dataset.rows import SuggestionRow
from annotate.core.figures.material import Material
from annotate.core.figures.proportions import wilson
from annotate.core.figures.sheets import Section, Sheet, count, share, text

DECIDED: Final = ("accepted", "edited", "rejected")
FATES: Final = (*DECIDED, "untouched", "not_pushed")


def fates_section(material: Material) -> Section:
    """Counts of fates, and the share accepted as it was with its Wilson interval."""
    title = "What became of suggestions"
    rows = material.dataset.suggestions
    if not rows:
        return Section("fates", title, ("No suggestions were made.",))
    words = (
        "A suggestion is decided when an annotator confirmed its passage, moved or relabelled it, or deleted "
        "it. The share is that of decided suggestions accepted as they were, with a 95 % Wilson interval. "
        "The interval takes the decisions for independent, which those in one passage are not: read it as "
        "the least uncertainty there is.",
    )
    return Section(
        "fates",
        title,
        words,
        (
            _by("by_agent", "agent", "Agent", rows, lambda one: f"{one.agent} {one.agent_version}"),
            _by("by_label", "label", "Label", rows, lambda one: one.label),
            _by("by_annotator", "annotator", "Annotator", rows, lambda one: one.assignee or "(not pushed)"),
        ),
    )


def _by(
    name: str, column: str, title: str, rows: Iterable[SuggestionRow], key: Callable[[SuggestionRow], str]
) -> Sheet:
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for one in rows:
        groups[key(one)][one.fate] += 1
    cells = []
    for group, counts in sorted(groups.items()):
        decided = sum(counts[fate] for fate in DECIDED)
        found = wilson(counts["accepted"], decided)
        numbers = (counts[fate] for fate in FATES)
        cells.append((group, *numbers, decided, found.share, found.low, found.high))
    columns = (
        text(column, title),
        *(count(fate, fate.replace("_", " ").capitalize()) for fate in FATES),
        count("decided", "Decided"),
        *(share("share", "Accepted share"), share("low", "from"), share("high", "to")),
    )
    return Sheet(name, f"Fates of suggestions by {column}", columns, tuple(cells))
