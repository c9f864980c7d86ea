"""The order in which an annotator gets passages. Each order takes time and memory linear in the corpus.

``uncertainty``: least confident first (Lewis and Gale, SIGIR 1994). ``diversity``: greedy cover of
character n-grams, each step the passage with the most that no passage before it has (Nemhauser, Wolsey
and Fisher 1978). ``balanced``: outlets, languages and years take turns. ``random``: drawn. ``source``: as
the build has them. Ties fall to the build's order, or are drawn where that would favour someone.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from annotate.core.queue.lottery import draw, is_control
from annotate.core.queue.settings import Queued, QueueSettings

NGRAM = 5
SKETCH = 64
"""Hashes kept of each passage: the smallest ones, so that passages keep the same n-grams of those they
share (bottom-k sketches, Cohen and Kaplan 2007), and a long passage counts no more than a short one."""

Group = tuple[str, str, str]
"""Outlet, language, year; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What orders look at, asked for one passage at a time: nothing of it is kept.

    ``scores`` gives (label, score) of its suggestions, ``text`` its text, ``group`` where it is from.
    """

    scores: Callable[[str], Sequence[tuple[str, float | None]]]
    text: Callable[[str], str]
    group: Callable[[str], Group]


Reasoned = tuple[str, str]
"""A passage and why it is where it is."""


def planned(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts, *, before: int = 0
) -> dict[str, Queued]:
    """The passages to add in the order in which to send them.

    ``there`` are passages that the annotator has already, ``before`` how many examples the project has.

    Reasons hold numbers, label names and facts of the document, none of a passage's words.
    """
    ranked = _ORDERS[settings.order](settings, add, there, facts)
    lottery = settings.control_share > 0
    return {
        one: Queued(settings.order, rank, reason, is_control(settings, one) if lottery else None)
        for rank, (one, reason) in enumerate(ranked, before + 1)
    }


def _source(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts
) -> Iterator[Reasoned]:
    for one in add:
        yield one, "as the sources have it"


def _random(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts
) -> Iterator[Reasoned]:
    for number, one in sorted((draw(settings.seed, "order", one), one) for one in add):
        yield one, f"drawn: {number:.6f}"


def _uncertainty(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts
) -> Iterator[Reasoned]:
    found = [(doubt(facts.scores(one)), number) for number, one in enumerate(add)]
    found.sort(key=lambda pair: (-pair[0].most, -pair[0].mean, pair[1]))
    for one, number in found:
        yield add[number], one.reason


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure suggesters are of a passage: 0 sure, 1 a coin's toss; of its most doubtful, on average."""

    most: float
    mean: float
    reason: str


def doubt(scores: Sequence[tuple[str, float | None]]) -> Doubt:
    """Least confidence of scores between 0 and 1: 1 - |2 s - 1|. Without any score there is no doubt."""
    known = [(1.0 - abs(2.0 * min(max(score, 0.0), 1.0) - 1.0), label, score) for label, score in scores if
             score is not None]  # fmt: skip
    if not known:
        why = f"{len(scores)} suggestions, none with a score" if scores else "no suggestions"
        return Doubt(0.0, 0.0, why)
    most, label, score = max(known)
    mean = sum(one for one, _, _ in known) / len(known)
    why = f"uncertainty {most:.3f} ({label} scored {score:.3f}), mean {mean:.3f} of {len(known)}"
    return Doubt(round(most, 9), round(mean, 9), why)


def _balanced(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts
) -> Iterator[Reasoned]:
    """Turn by turn one passage of each group; groups that had more turns before wait until others had."""
    turns = Counter(facts.group(one) for one in there)
    drawn: list[tuple[int, Group, float, str]] = []
    by_group: dict[Group, list[tuple[float, str]]] = defaultdict(list)
    for one in add:
        by_group[facts.group(one)].append((draw(settings.seed, "turn", one), one))
    for group, several in by_group.items():
        for turn, (number, one) in enumerate(sorted(several), turns[group] + 1):
            drawn.append((turn, group, number, one))
    for turn, group, _, one in sorted(drawn):
        outlet, language, year = (part or "unknown" for part in group)
        yield one, f"turn {turn} of outlet {outlet}, language {language}, year {year}"


def _diversity(
    settings: QueueSettings, add: Sequence[str], there: Sequence[str], facts: Facts
) -> Iterator[Reasoned]:
    """A gain is a whole number up to ``SKETCH`` and only falls, so buckets do what a heap would."""
    seen: set[int] = set()
    for one in there:
        seen.update(sketch(facts.text(one)))
    sketches = [sketch(facts.text(one)) for one in add]
    buckets: list[deque[int]] = [deque() for _ in range(SKETCH + 1)]
    for number, own in enumerate(sketches):
        buckets[len(own)].append(number)
    for gain in range(SKETCH, -1, -1):
        waiting = buckets[gain]
        while waiting:
            number = waiting.popleft()
            now = sum(part not in seen for part in sketches[number])
            if now < gain:
                buckets[now].append(number)
                continue
            seen.update(sketches[number])
            yield add[number], f"{now} of {len(sketches[number])} sampled n-grams are new"


def sketch(text: str) -> array[int]:
    """The smallest ``SKETCH`` hashes of a text's character n-grams, letter case and blanks evened out."""
    plain = " ".join(text.casefold().split())
    parts = {plain[at : at + NGRAM] for at in range(max(1, len(plain) - NGRAM + 1))}
    hashes = {zlib.crc32(part.encode("utf-8", "surrogatepass")) for part in parts if part}
    return array("I", nsmallest(SKETCH, hashes))


_ORDERS: dict[str, Callable[[QueueSettings, Sequence[str], Sequence[str], Facts], Iterator[Reasoned]]] = {
    "source": _source,
    "random": _random,
    "uncertainty": _uncertainty,
    "balanced": _balanced,
    "diversity": _diversity,
}
