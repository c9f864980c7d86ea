"""From what the server holds to who labelled what: the origin of each label, the fate of each suggestion.

Doccano keeps no origin, so it follows from ids: a suggestion is imported by the service account and
its id noted. Same id and content: untouched. Same id, other content: relabelled. Id gone: rejected,
unless the annotator drew the label anew there (the web UI moves a boundary by delete and draw).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from annotate.core.offsets import Range
from annotate.core.restored import standing
from annotate.core.state import Confirmation, LabelSeen, Placed, State

Origin = Literal["accepted", "edited", "manual"]
Fate = Literal["accepted", "edited", "rejected", "untouched"]
Status = Literal["confirmed", "draft"]


@dataclass(frozen=True, slots=True)
class LabelFate:
    """A label that a person stands behind. ``annotator`` is the Doccano user, None where unknown."""

    seen: LabelSeen
    origin: Origin
    status: Status
    annotator: str | None
    confirmed_at: str | None
    placed: Placed | None


@dataclass(frozen=True, slots=True)
class SuggestionFate:
    """What became of one placed suggestion; ``label_id`` is the label it lives on in, if any."""

    placed: Placed
    fate: Fate
    annotator: str | None
    decided_at: str | None
    label_id: int | None


@dataclass(frozen=True, slots=True)
class Fates:
    """All labels and suggestions of a state, in the order of project, example, offset, id."""

    labels: tuple[LabelFate, ...]
    suggestions: tuple[SuggestionFate, ...]


def fates(state: State) -> Fates:
    """Origin of every label and fate of every suggestion at this state; restored ones are what they were."""
    state = standing(state)
    seen: dict[tuple[str, int], list[LabelSeen]] = defaultdict(list)
    for label in state.labels.values():
        seen[label.project, label.example].append(label)
    placed: dict[tuple[str, int], list[Placed]] = defaultdict(list)
    for one in state.placed.values():
        placed[one.project, one.example].append(one)
    labels: list[LabelFate] = []
    suggestions: list[SuggestionFate] = []
    for key in sorted({*seen, *placed}):
        found = _fates_of_example(state, key, seen[key], placed[key])
        labels.extend(found.labels)
        suggestions.extend(found.suggestions)
    return Fates(tuple(labels), tuple(suggestions))


def _fates_of_example(
    state: State, key: tuple[str, int], seen: list[LabelSeen], placed: list[Placed]
) -> Fates:
    project = state.projects[key[0]]
    done = confirmation_of(state, key)
    present = sorted((one for one in seen if not one.vanished_in), key=_order)
    present_ids = {one.label_id: one for one in present}
    vanished = {one.label_id for one in seen if one.vanished_in}
    origins = {one.label_id: one for one in placed}
    gone = [one for one in placed if one.label_id in vanished]
    drawn = [one for one in present if one.label_id not in origins and one.user != project.service_user]
    moved = match_moved(gone, drawn)
    successors = {moved[one.label_id]: one for one in gone if one.label_id in moved}
    labels = (_label_fate(one, origins.get(one.label_id), successors, project.user, done) for one in present)
    ordered = sorted(placed, key=lambda one: (one.suggestion.start, one.suggestion.end, one.label_id))
    return Fates(
        tuple(one for one in labels if one),
        tuple(
            _suggestion_fate(
                one,
                present_ids.get(one.label_id),
                moved.get(one.label_id),
                _Owner(project.user, done, one.label_id in vanished),
            )
            for one in ordered
        ),
    )


def confirmation_of(state: State, key: tuple[str, int]) -> Confirmation | None:
    """The owner's confirmation of an example; else anyone's, the earliest; None when unconfirmed."""
    found = state.confirmations.get(key, ())
    owner = state.projects[key[0]].user
    own = [one for one in found if one.user == owner]
    ranked = own or sorted(found, key=lambda one: (one.confirmed_at, one.user))
    return ranked[0] if ranked else None


def is_untouched(seen: LabelSeen, placed: Placed) -> bool:
    """Whether a label is still exactly the suggestion that was imported."""
    suggestion = placed.suggestion
    return (seen.label, seen.start, seen.end) == (suggestion.label, suggestion.start, suggestion.end)


def match_moved(gone: list[Placed], drawn: list[LabelSeen]) -> dict[int, int]:
    """Deleted suggestions that live on in a drawn label: label id of the suggestion to that of the label.

    The same label over words that share a character is a moved boundary; another label over exactly
    the same words is a changed mind. Anything else is a rejection beside a label of the person's own.
    The larger shared part wins; one to one.
    """
    pairs = []
    for placed in gone:
        suggestion = placed.suggestion
        for label in drawn:
            shared = _shared(suggestion.start, suggestion.end, label.start, label.end)
            if shared and (label.label == suggestion.label or shared == 1.0):
                other = label.label != suggestion.label
                pairs.append((other, -shared, label.start, label.label_id, placed.label_id))
    moved: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, _, label_id, placed_id in sorted(pairs):
        if placed_id not in moved and label_id not in taken:
            moved[placed_id] = label_id
            taken.add(label_id)
    return moved


def _shared(start: int, end: int, other_start: int, other_end: int) -> float:
    if other_start < 0 or other_end < other_start:
        return 0.0
    one, two = Range(start, end), Range(other_start, other_end)
    shared = one.overlap(two)
    return shared / (len(one) + len(two) - shared) if shared else 0.0


def _label_fate(
    seen: LabelSeen,
    placed: Placed | None,
    successors: dict[int, Placed],
    owner: str,
    done: Confirmation | None,
) -> LabelFate | None:
    status: Status = "confirmed" if done else "draft"
    confirmed_at = done.confirmed_at if done else None
    if placed is None:
        origin: Origin = "edited" if seen.label_id in successors else "manual"
        return LabelFate(seen, origin, status, seen.user, confirmed_at, successors.get(seen.label_id))
    if is_untouched(seen, placed):
        # Nobody has vouched for an untouched suggestion until the passage is confirmed.
        return LabelFate(seen, "accepted", status, done.user, confirmed_at, placed) if done else None
    # Doccano keeps the importer as the user of a relabelled span; in a project of one's own the
    # editor can only have been its annotator.
    return LabelFate(seen, "edited", status, done.user if done else owner, confirmed_at, placed)


@dataclass(frozen=True, slots=True)
class _Owner:
    user: str
    done: Confirmation | None
    vanished: bool


def _suggestion_fate(
    placed: Placed, seen: LabelSeen | None, moved_to: int | None, owner: _Owner
) -> SuggestionFate:
    who = owner.done.user if owner.done else owner.user
    when = owner.done.confirmed_at if owner.done else None
    if moved_to is not None:
        return SuggestionFate(placed, "edited", who, when, moved_to)
    if owner.vanished:
        return SuggestionFate(placed, "rejected", who, when, None)
    if seen is None:
        # Placed by a push whose labels no pull has looked at yet.
        return SuggestionFate(placed, "untouched", None, None, placed.label_id)
    if not is_untouched(seen, placed):
        return SuggestionFate(placed, "edited", who, seen.updated_at, seen.label_id)
    if owner.done:
        return SuggestionFate(placed, "accepted", who, when, seen.label_id)
    return SuggestionFate(placed, "untouched", None, None, seen.label_id)


def _order(label: LabelSeen) -> tuple[int, int, str, int]:
    return (label.start, label.end, label.label, label.label_id)
