"""What an interrupted restore has done already: read back before anything is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.observation import ObservedLabel
from annotate.core.restoring import LostLabel


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Lost labels of one example against what is there: first id to id there, to be made, drawn anew."""

    there: Mapping[int, int]
    missing: tuple[LostLabel, ...]
    drawn_again: tuple[LostLabel, ...]


def read_back(
    lost: Sequence[LostLabel], there: Iterable[ObservedLabel], service_user: str, taken: Collection[int]
) -> ReadBack:
    """Which lost labels an interrupted restore has put there already. ``taken``: ids of others.

    A label of the service account's own, on the same words with the same name, is one that we put there.
    """
    ours: dict[tuple[str, int, int], list[int]] = {}
    drawn: set[tuple[str, int, int, str]] = set()
    for one in sorted(there, key=lambda label: label.label_id):
        place = (one.label, one.utf16_start, one.utf16_end)
        drawn.add((*place, one.user))
        if one.user == service_user and one.label_id not in taken:
            ours.setdefault(place, []).append(one.label_id)
    found: dict[int, int] = {}
    missing: list[LostLabel] = []
    again: list[LostLabel] = []
    for label in lost:
        seen = label.seen
        place = (seen.label, seen.utf16_start, seen.utf16_end)
        if ours.get(place):
            found[seen.label_id] = ours[place].pop(0)
        elif seen.user != service_user and (*place, seen.user) in drawn:
            again.append(label)
        else:
            missing.append(label)
    return ReadBack(found, tuple(missing), tuple(again))
