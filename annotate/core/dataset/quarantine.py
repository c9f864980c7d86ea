"""What cannot be proven is set aside with a reason, never shifted until it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annotate.core.dataset.lookup import Lookup
from annotate.core.model import Passage, Suggestion
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import quote_of_ranges, source_ranges
from annotate.core.state import LabelSeen, PushedPassage

REASONS: Final[dict[str, str]] = {
    "passage_unknown": "stands on an example that the study did not push",
    "passage_vanished": "its passage was deleted on the server",
    "passage_edited": "the text of its passage was changed on the server, so its offsets mean nothing here",
    "offsets_outside": "its offsets do not fit the passage",
    "service_account": "was made by the service account and confirmed by nobody",
    "label_not_in_scheme": "its name is not in the scheme",
    "source_unknown": "its source is not in the study any more",
    "quote_mismatch": "the source does not read so at its place",
    "ends_not_in_labels": "one of its ends is not in labels.csv",
    "ends_not_in_gold": "one of its ends is not in gold.csv",
}
"""Reason code to what it says about the row, as the README of a dataset spells it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is set aside; ``detail`` names what exactly."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """A proven place: source ranges, their quote, and the passage it was labelled in."""

    passage: Passage
    ranges: tuple[Range, ...]
    quote: str


def stand_of_label(lookup: Lookup, seen: LabelSeen) -> Stand | Fault:
    """Where a label stands, proven against the source; or why that cannot be."""
    pushed = lookup.state.passages.get((seen.project, seen.example))
    fault = passage_fault(pushed)
    if fault or pushed is None:
        return fault or Fault("passage_unknown")
    if seen.label not in lookup.inputs.vocabulary.layers:
        return Fault("label_not_in_scheme", seen.label)
    return stand_of(lookup, pushed.passage, seen.start, seen.end)


def stand_of_suggestion(lookup: Lookup, passage: Passage | None, suggestion: Suggestion) -> Stand | Fault:
    """Where a suggestion stands; its own quote must agree too."""
    if passage is None:
        return Fault("passage_unknown", suggestion.passage_id)
    found = stand_of(lookup, passage, suggestion.start, suggestion.end)
    if isinstance(found, Stand) and found.quote != suggestion.quote:
        return Fault("quote_mismatch", "the suggestion quotes other words than its passage has there")
    return found


def passage_fault(pushed: PushedPassage | None) -> Fault | None:
    """Why nothing that stands on this example can be used."""
    if pushed is None:
        return Fault("passage_unknown")
    if pushed.vanished_in:
        return Fault("passage_vanished", pushed.vanished_in)
    if pushed.edited_sha256 not in (None, pushed.text_sha256):
        return Fault("passage_edited")
    return None


def stand_of(lookup: Lookup, passage: Passage, start: int, end: int) -> Stand | Fault:
    """Prove a passage range against its source."""
    if passage.source_id not in lookup.sources:
        return Fault("source_unknown", passage.source_file)
    if not 0 <= start < end <= len(passage.text):
        return Fault("offsets_outside", f"the passage has {len(passage.text)} characters")
    try:
        ranges = source_ranges(passage.pieces, start, end)
    except OffsetOutOfText as error:
        return Fault("offsets_outside", str(error))
    quote = passage.text[start:end]
    text = lookup.inputs.texts.get(passage.source_id)
    if text is not None and quote_of_ranges(text, ranges) != quote:
        return Fault("quote_mismatch", passage.source_file)
    return Stand(passage, ranges, quote)
