"""What was decided, as PROV: each row of gold and gold_relations, by whom, over which labels.

What all agree on was made by the transaction that found it so; what an adjudicator decided also by the
sitting of the adjudicator, whose plan is the scheme.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotate.core.dataset.decision_rows import GoldRelationRow, GoldRow
from annotate.core.dataset.rows import Dataset
from annotate.formats.prov_statements import (
    Statement,
    associated,
    attributed,
    derived,
    generated,
    informed,
    name_of,
    thing,
    used,
)

Decision = GoldRow | GoldRelationRow


def decision_schemes(dataset: Dataset) -> set[tuple[str, str, str]]:
    """Name, version and SHA-256 of the schemes that something was decided under."""
    rows: list[Decision] = [*dataset.gold, *dataset.gold_relations]
    return {(row.scheme, row.scheme_version, row.scheme_sha256) for row in rows if row.scheme_sha256}


def decisions(dataset: Dataset) -> Iterator[Statement]:
    """Statements about every decision; the labels, passages and transactions are stated elsewhere."""
    yield from _sittings([*dataset.gold, *dataset.gold_relations])
    labels = {row.label_id for row in dataset.labels}
    for row in dataset.gold:
        about = name_of("gold", row.gold_id)
        yield _entity(about, row)
        yield derived(about, name_of("passage", row.passage_id))
        yield from _from(about, "label", row.over_label_ids, labels)
        yield from _made(about, row)
    relations = {row.relation_id for row in dataset.relations}
    for link in dataset.gold_relations:
        about = name_of("gold-relation", link.gold_relation_id)
        yield _entity(about, link)
        for end in dict.fromkeys((link.from_gold_id, link.to_gold_id)):
            yield derived(about, name_of("gold", end))
        yield from _from(about, "relation", link.over_relation_ids, relations)
        yield from _made(about, link)


def _entity(about: str, row: Decision) -> Statement:
    stale = "true" if row.stale else ""
    return thing("Entity", about, ["t:Decision"], status=row.status, verdict=row.verdict, stale=stale)


def _from(about: str, kind: str, ids: str, there: Iterable[str]) -> Iterator[Statement]:
    """What it was decided over; a selection may hold a decision without all of it."""
    for one in dict.fromkeys(filter(None, ids.split(";"))):
        if one in there:
            yield derived(about, name_of(kind, one))


def _sitting(row: Decision) -> str:
    return name_of("adjudication", row.adjudicator, row.pull, row.scheme_sha256[:12])


def _made(about: str, row: Decision) -> Iterator[Statement]:
    if row.status == "adjudicated" and row.adjudicator:
        yield generated(about, _sitting(row), row.decided_at)
        yield attributed(about, name_of("who", row.adjudicator))
    else:
        yield generated(about, name_of("activity", row.pull))


def _sittings(rows: Iterable[Decision]) -> Iterator[Statement]:
    """Adjudicators at work, up to one transaction and under one scheme, and the passages before them."""
    read: dict[str, set[str]] = {}
    first: dict[str, Decision] = {}
    for row in rows:
        if row.status == "adjudicated" and row.adjudicator:
            read.setdefault(_sitting(row), set()).add(row.passage_id)
            first.setdefault(_sitting(row), row)
    for about, row in sorted(first.items()):
        yield thing("Activity", about, ["t:Adjudication"], f"{row.adjudicator} until {row.pull}")
        plan = name_of("scheme", row.scheme_sha256) if row.scheme_sha256 else ""
        yield associated(about, name_of("who", row.adjudicator), plan, "adjudicator")
        yield from (used(about, name_of("passage", one)) for one in sorted(read[about]))
        yield informed(name_of("activity", row.pull), about)
