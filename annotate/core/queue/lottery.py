"""Draws by hash: what a passage draws depends on the seed and on its id, not on the rest of the corpus.

So a draw is the same on any machine and in any order, stays when the corpus grows, and a passage that
is drawn at a share of 0.1 is drawn at 0.2, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.queue.settings import QueueSettings

_DIGITS = 13
_ALL = float(1 << 4 * _DIGITS)
"""52 bits: exactly a float between 0 and 1."""


def draw(seed: int, *what: str) -> float:
    """A number in [0, 1), evenly spread over what is drawn for."""
    return int(sha256_hex(canonical_json([seed, *what]))[:_DIGITS], 16) / _ALL


def is_control(settings: QueueSettings, passage_id: str) -> bool:
    """Whether a passage goes out without suggestions; the same for every annotator."""
    return draw(settings.seed, "control", passage_id) < settings.control_share


def is_shared(settings: QueueSettings, passage_id: str) -> bool:
    """Whether a passage goes to several annotators."""
    return draw(settings.seed, "overlap", passage_id) < settings.overlap_share


def deal(
    settings: QueueSettings, passages: Iterable[str], missing: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Which of the passages that each annotator lacks each of them gets, in their order.

    ``missing`` maps every annotator to the passages that are not in that person's project. Who has a
    passage keeps it and counts. Who gets the rest is drawn for each pair of passage and annotator
    (rendezvous hashing, Thaler and Ravishankar 1998): another annotator moves few of the passages.
    """
    if not settings.deals:
        return {user: tuple(lacking) for user, lacking in missing.items()}
    lacks = {user: frozenset(lacking) for user, lacking in missing.items()}
    given: dict[str, set[str]] = {user: set() for user in missing}
    for passage_id in passages:
        without = [user for user, lacking in lacks.items() if passage_id in lacking]
        wanted = _copies(settings, passage_id, len(lacks)) - (len(lacks) - len(without))
        if wanted > 0:
            ranked = sorted(without, key=lambda one: (draw(settings.seed, "deal", passage_id, one), one))
            for user in ranked[:wanted]:
                given[user].add(passage_id)
    return {user: tuple(one for one in lacking if one in given[user]) for user, lacking in missing.items()}


def _copies(settings: QueueSettings, passage_id: str, people: int) -> int:
    if not is_shared(settings, passage_id):
        return 1
    return settings.overlap_annotators or people
