"""From the judgments of a passage to what all agree on and what somebody has to decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from annotate.core.adjudication.decided import (
    Decided,
    Decisions,
    LinkVerdict,
    SpanVerdict,
    Status,
    Verdict,
    latest_time,
)
from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.judgments import Judged, Judgment, doubly_judged
from annotate.core.scheme import Scheme
from annotate.core.spans import Span

_T = TypeVar("_T")


def fingerprint(several: Sequence[Judgment], layer: str) -> str:
    """A hash of what the annotators say about one layer of a passage.

    Of what they say, not of the ids it has on the server: a label that was deleted and drawn again in
    the same place is the same judgment.
    """
    said = [
        [
            one.assignment_id,
            [_plain(span) for span in sorted(one.spans) if span.layer == layer],
            [
                [link.relation, _plain(link.source), _plain(link.target)]
                for link in sorted(one.links)
                if link.layer == layer
            ],
        ]
        for one in sorted(several, key=lambda one: one.assignment_id)
    ]
    return sha256_hex(canonical_json(said))


def _plain(span: Span) -> list[str | int]:
    return [span.layer, span.label, span.start, span.end]


def is_stale(decided: Decided, layer: str, several: Sequence[Judgment]) -> bool:
    """Whether the annotators say something else now than when this was decided."""
    return decided.layers[layer] != fingerprint(several, layer)


@dataclass(frozen=True, slots=True)
class Todo:
    """What is due: decisions that need nobody, and those to be offered to an adjudicator."""

    unanimous: tuple[Decided, ...]
    offers: tuple[Decided, ...]
    settled: int


def due(judged: Judged, decisions: Decisions, layers: Collection[str], scheme: Scheme) -> Todo:
    """Go through the passages that two or more confirmed; leave out what is decided and still holds."""
    unanimous: list[Decided] = []
    offers: list[Decided] = []
    settled = 0
    for passage_id, several in doubly_judged(judged):
        moved = [layer for layer in sorted(layers) if _is_due(passage_id, layer, several, decisions)]
        if not moved:
            settled += 1
            continue
        decided = offer(passage_id, several, moved, scheme)
        (offers if decided.is_open else unanimous).append(decided)
    return Todo(tuple(unanimous), tuple(offers), settled)


def _is_due(passage_id: str, layer: str, several: Sequence[Judgment], decisions: Decisions) -> bool:
    last = decisions.last.get((passage_id, layer))
    return last is None or is_stale(last, layer, several)


def offer(passage_id: str, several: Sequence[Judgment], layers: Sequence[str], scheme: Scheme) -> Decided:
    """What the annotators of a passage say about some layers: each span and relation once.

    What all of them set is unanimous; what some did not set is unresolved, and the passage is then to
    be offered. Two who found nothing agree as well.
    """
    spans = _said({one.annotator: one.spans for one in several})
    links = _said({one.annotator: one.links for one in several})
    everybody = tuple(sorted(one.annotator for one in several))
    span_verdicts = tuple(
        SpanVerdict(span, _status(one, everybody), _verdict(one, everybody), one.over, one.set_by)
        for span, one in sorted(spans.items())
        if span.layer in layers
    )
    link_verdicts = tuple(
        LinkVerdict(link, _status(one, everybody), _verdict(one, everybody), one.over, one.set_by)
        for link, one in sorted(links.items())
        if link.layer in layers and link.target.layer in layers
    )
    statuses = {*(one.status for one in span_verdicts), *(one.status for one in link_verdicts)}
    return Decided(
        passage_id=passage_id,
        route="offered" if "unresolved" in statuses else "unanimous",
        layers={layer: fingerprint(several, layer) for layer in layers},
        annotators=everybody,
        project="",
        example=0,
        decided_by="",
        decided_at=latest_time(one.confirmed_at for one in several),
        reason="",
        scheme=scheme.name,
        scheme_version=scheme.version,
        scheme_sha256=scheme.sha256,
        spans=span_verdicts,
        links=link_verdicts,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    set_by: tuple[str, ...]
    over: tuple[str, ...]


def _said(by_annotator: Mapping[str, Mapping[_T, tuple[str, ...]]]) -> dict[_T, _Said]:
    found: dict[_T, _Said] = {}
    for annotator, things in sorted(by_annotator.items()):
        for thing, ids in things.items():
            before = found.get(thing, _Said((), ()))
            found[thing] = _Said((*before.set_by, annotator), (*before.over, *ids))
    return found


def _status(said: _Said, everybody: tuple[str, ...]) -> Status:
    return "unanimous" if said.set_by == everybody else "unresolved"


def _verdict(said: _Said, everybody: tuple[str, ...]) -> Verdict:
    return "kept" if said.set_by == everybody else ""


def comment_on(decided: Decided, text: str, names: Mapping[str, str]) -> str:
    """The remark that tells an adjudicator who set what; ``names`` maps accounts to what to call them.

    It ends with a mark by which a second run knows that this offer was made.
    """
    people = ", ".join(sorted(names[user] for user in decided.annotators))
    lines = [f"The annotators {people} do not agree here."]
    for one in decided.spans:
        where = f"{one.span.label} “{_short(text[one.span.start : one.span.end])}”"
        lines.append(f"{where}: {_who(one.set_by, decided.annotators, names)}")
    for link in decided.links:
        ends = [f"“{_short(text[end.start : end.end])}”" for end in (link.link.source, link.link.target)]
        words = f"{link.link.relation} {' → '.join(ends)}"
        lines.append(f"{words}: {_who(link.set_by, decided.annotators, names)}")
    return "\n".join([*lines, mark(decided)])


def mark(decided: Decided) -> str:
    """A word that stands for this offer and no other."""
    inputs = [decided.passage_id, dict(sorted(decided.layers.items()))]
    return f"[annotate offer {sha256_hex(canonical_json(inputs))[:12]}]"


def _who(set_by: Sequence[str], everybody: Sequence[str], names: Mapping[str, str]) -> str:
    if len(set_by) == len(everybody):
        return "all"
    return ", ".join(sorted(names[user] for user in set_by)) + " only"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 60 else one_line[:59] + "…"


def blind_names(decided: Decided) -> dict[str, str]:
    """Letters for the annotators of one passage, dealt anew on each: nobody can be told by a letter."""
    dealt = sorted(
        decided.annotators, key=lambda user: sha256_hex(canonical_json([decided.passage_id, user]))
    )
    return {
        user: chr(ord("A") + number) if number < 26 else f"A{number}" for number, user in enumerate(dealt)
    }
