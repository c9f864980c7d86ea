"""What was decided about a passage, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from annotate.core.spans import Link, Span

ADJUDICATION = "adjudication"
"""The pass of adjudication projects: the labels in them are nobody's judgment of their own."""

Status = Literal["unanimous", "adjudicated", "unresolved"]
Verdict = Literal["kept", "none", ""]
Route = Literal["unanimous", "offered", "adjudicated"]


@dataclass(frozen=True, slots=True)
class SpanVerdict:
    """What was decided about one span.

    ``over`` are the ids of the annotators' labels that it was decided over, ``set_by`` the accounts
    that had set exactly this span; ``number`` is its id in the adjudication project. ``kept``: it is
    gold; ``none``: it is not; empty: unresolved.
    """

    span: Span
    status: Status
    verdict: Verdict
    over: tuple[str, ...]
    set_by: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """What was decided about one relation; ``over`` are ids of relations."""

    link: Link
    status: Status
    verdict: Verdict
    over: tuple[str, ...]
    set_by: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about one passage.

    ``layers`` maps each layer that it covers to the fingerprint of the judgments it was made over:
    where those change, the decision is stale. ``project`` and ``example`` are those of the adjudication,
    "" and 0 where nobody had to look. ``decided_at`` is the server's time of the last confirmation.
    ``transaction`` is the ledger's, empty until it is recorded.
    """

    passage_id: str
    route: Route
    layers: Mapping[str, str]
    annotators: tuple[str, ...]
    project: str
    example: int
    decided_by: str
    decided_at: str
    reason: str
    scheme: str
    scheme_version: str
    scheme_sha256: str
    spans: tuple[SpanVerdict, ...]
    links: tuple[LinkVerdict, ...]
    transaction: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.route == "offered"


@dataclass(slots=True)
class Decisions:
    """All decisions of a ledger.

    ``last``: by (passage id, layer) the last decision that covers it. ``offers``: by passage id and
    layer the last offer.
    """

    last: dict[tuple[str, str], Decided] = field(default_factory=dict)
    offers: dict[str, dict[str, Decided]] = field(default_factory=dict)

    def add(self, decided: Decided) -> None:
        """Put a decision in force for the layers that it covers."""
        for layer in decided.layers:
            self.last[decided.passage_id, layer] = decided
            if decided.is_open:
                self.offers.setdefault(decided.passage_id, {})[layer] = decided

    def offered(self, passage_id: str) -> Decided | None:
        """What an adjudicator has before them on a passage: its offers, layer by layer the last one.

        Layers that became unanimous since are not in it. None where nothing was offered.
        """
        parts = {
            layer: offer
            for layer, offer in sorted(self.offers.get(passage_id, {}).items())
            if self.last[passage_id, layer].route != "unanimous"
        }
        return merged(parts) if parts else None


def merged(parts: Mapping[str, Decided]) -> Decided:
    """One decision with the given layer of each part. The newest part names the scheme."""
    newest = max(parts.values(), key=lambda one: one.transaction.rpartition("-")[2])
    return replace(
        newest,
        layers={layer: one.layers[layer] for layer, one in parts.items()},
        annotators=tuple(sorted({user for one in parts.values() for user in one.annotators})),
        spans=tuple(v for layer, one in parts.items() for v in one.spans if v.span.layer == layer),
        links=tuple(v for layer, one in parts.items() for v in one.links if v.link.layer == layer),
    )


def record_of_decision(decided: Decided) -> dict[str, Any]:
    """The data of a ``passage_decided`` event: plain JSON, everything in a fixed order."""
    plain = {
        name: getattr(decided, name)
        for name in decided.__slots__
        if name not in ("spans", "links", "transaction")
    }
    return {
        **plain,
        "layers": dict(sorted(decided.layers.items())),
        "annotators": list(decided.annotators),
        "spans": [{**_span(one.span), **_verdict(one)} for one in sorted(decided.spans, key=_by_span)],
        "links": [
            {
                "relation": one.link.relation,
                "from": _span(one.link.source),
                "to": _span(one.link.target),
                **_verdict(one),
            }
            for one in sorted(decided.links, key=_by_link)
        ],
    }


def decision_of(data: Mapping[str, Any], transaction: str = "") -> Decided:
    """The decision of an event's data. Raises KeyError, TypeError."""
    return Decided(
        **{
            **data,
            "annotators": tuple(data["annotators"]),
            "spans": tuple(SpanVerdict(_span_of(one), *_verdict_of(one)) for one in data["spans"]),
            "links": tuple(
                LinkVerdict(
                    Link(one["relation"], _span_of(one["from"]), _span_of(one["to"])), *_verdict_of(one)
                )
                for one in data["links"]
            ),
        },
        transaction=transaction,
    )


def _by_span(verdict: SpanVerdict) -> tuple[int, int, str, str]:
    span = verdict.span
    return (span.start, span.end, span.layer, span.label)


def _by_link(verdict: LinkVerdict) -> Link:
    return verdict.link


def _span(span: Span) -> dict[str, Any]:
    return {"layer": span.layer, "label": span.label, "start": span.start, "end": span.end}


def _span_of(data: Mapping[str, Any]) -> Span:
    return Span(data["layer"], data["label"], data["start"], data["end"])


def _verdict(one: SpanVerdict | LinkVerdict) -> dict[str, Any]:
    return {
        "status": one.status,
        "verdict": one.verdict,
        "over": list(one.over),
        "set_by": list(one.set_by),
        "number": one.number,
    }


def _verdict_of(data: Mapping[str, Any]) -> tuple[Any, ...]:
    over, set_by = tuple(data["over"]), tuple(data["set_by"])
    return (data["status"], data["verdict"], over, set_by, data["number"])


def latest_time(times: Iterable[str]) -> str:
    """The last of RFC 3339 times in UTC, empty for none."""
    return max(times, default="")
