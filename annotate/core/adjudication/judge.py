"""From an offer and what an adjudicator made of it to decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from annotate.core.adjudication.decided import ADJUDICATION, Decided, LinkVerdict, SpanVerdict
from annotate.core.spans import Link, Span
from annotate.core.state import Confirmation, Key, LabelSeen, RelationSeen, State

UNRESOLVED = "unresolved"
"""A comment that begins with this word leaves open what the annotators do not agree on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An example of an adjudication project as its adjudicator confirmed it; things to their ids there."""

    spans: Mapping[Span, int]
    links: Mapping[Link, int]
    decided_by: str
    decided_at: str
    comments: tuple[str, ...]


def outcomes(state: State, layers: Mapping[str, str]) -> Iterator[tuple[Decided, Outcome]]:
    """Confirmed examples of adjudication projects, each with what was offered on it.

    ``layers`` maps labels to their layer; what the scheme does not have, or what lies outside the
    passage, is no decision.
    """
    index = _Index(state)
    for key, pushed in sorted(state.passages.items()):
        project = state.projects[key[0]]
        if project.pass_name != ADJUDICATION or pushed.vanished_in:
            continue
        if pushed.edited_sha256 not in (None, pushed.text_sha256):
            continue
        offer = state.decisions.offered(pushed.passage.passage_id)
        done = _confirmed(state, key, project.service_user)
        if offer is not None and done is not None and offer.project == key[0]:
            yield offer, _outcome(index, key, offer, layers, done, len(pushed.passage.text))


class _Index:
    """What stands on each example of adjudication projects."""

    def __init__(self, state: State) -> None:
        apart = {key for key, project in state.projects.items() if project.pass_name == ADJUDICATION}
        service = {key: state.projects[key].service_user for key in apart}
        self.labels: dict[Key, list[LabelSeen]] = defaultdict(list)
        self.relations: dict[Key, list[RelationSeen]] = defaultdict(list)
        self.comments: dict[Key, list[str]] = defaultdict(list)
        for label in state.labels.values():
            if label.project in apart and not label.vanished_in:
                self.labels[label.project, label.example].append(label)
        for relation in state.relations.values():
            if relation.project in apart and not relation.vanished_in:
                self.relations[relation.project, relation.example].append(relation)
        for _, comment in sorted(state.comments.items()):
            ours = comment.user == service.get(comment.project, comment.user)
            if not ours and not comment.vanished_in:
                self.comments[comment.project, comment.example].append(comment.text)


def _outcome(
    index: _Index, key: Key, offer: Decided, layers: Mapping[str, str], done: Confirmation, length: int
) -> Outcome:
    spans = {
        one.label_id: Span(layers[one.label], one.label, one.start, one.end)
        for one in sorted(index.labels[key], key=lambda one: one.label_id, reverse=True)
        if layers.get(one.label) in offer.layers and 0 <= one.start < one.end <= length
    }
    links = {
        Link(one.relation, spans[one.from_label], spans[one.to_label]): one.relation_id
        for one in sorted(index.relations[key], key=lambda one: one.relation_id, reverse=True)
        if one.from_label in spans and one.to_label in spans
    }
    numbers = {span: number for number, span in spans.items()}
    return Outcome(numbers, links, done.user, done.confirmed_at, tuple(index.comments[key]))


def _confirmed(state: State, key: tuple[str, int], service_user: str) -> Confirmation | None:
    found = [one for one in state.confirmations.get(key, ()) if one.user != service_user]
    return max(found, key=lambda one: (one.confirmed_at, one.user), default=None)


def judge(offer: Decided, outcome: Outcome) -> Decided:
    """The decision that an adjudicator took by confirming a passage.

    What is left of the offer is kept, what is gone is not; what was drawn anew, or moved, is kept and
    decided over the annotators' labels that it overlaps in its layer. What all annotators had agreed
    on and the adjudicator left alone stays unanimous.
    """
    left_open = any(text.strip().lower().startswith(UNRESOLVED) for text in outcome.comments)
    offered = {one.span: one for one in offer.spans}
    dropped = [one for one in offer.spans if one.span not in outcome.spans]
    spans = [
        *(_span_verdict(one, outcome, dropped, left_open) for one in offer.spans),
        *(
            SpanVerdict(span, "adjudicated", "kept", _overlapped(span, dropped), (), number)
            for span, number in outcome.spans.items()
            if span not in offered
        ),
    ]
    linked = {one.link for one in offer.links}
    links = [
        *(_link_verdict(one, outcome, left_open) for one in offer.links),
        *(
            LinkVerdict(link, "adjudicated", "kept", (), (), number)
            for link, number in outcome.links.items()
            if link not in linked
        ),
    ]
    return replace(
        offer,
        route="adjudicated",
        decided_by=outcome.decided_by,
        decided_at=outcome.decided_at,
        reason=" | ".join(" ".join(text.split()) for text in outcome.comments),
        spans=tuple(spans),
        links=tuple(links),
        transaction="",
    )


def _span_verdict(
    offered: SpanVerdict, outcome: Outcome, dropped: Sequence[SpanVerdict], left_open: bool
) -> SpanVerdict:
    number = outcome.spans.get(offered.span)
    if offered.status == "unresolved" and left_open:
        return replace(offered, number=number)
    if number is None:
        return replace(offered, status="adjudicated", verdict="none", number=None)
    if offered.status == "unanimous":
        return replace(offered, number=number)
    over = (*offered.over, *_overlapped(offered.span, dropped))
    return replace(offered, status="adjudicated", verdict="kept", over=over, number=number)


def _link_verdict(offered: LinkVerdict, outcome: Outcome, left_open: bool) -> LinkVerdict:
    number = outcome.links.get(offered.link)
    if offered.status == "unresolved" and left_open:
        return replace(offered, number=number)
    verdict: Literal["kept", "none"] = "none" if number is None else "kept"
    if offered.status == "unanimous" and number is not None:
        return replace(offered, number=number)
    return replace(offered, status="adjudicated", verdict=verdict, number=number)


def _overlapped(span: Span, dropped: Iterable[SpanVerdict]) -> tuple[str, ...]:
    """Ids of the annotators' labels in whose stead a span stands."""
    return tuple(
        number
        for one in dropped
        if one.span.layer == span.layer and one.span.shared(span)
        for number in one.over
    )
