"""A project that somebody else made, pulled again and again: what is new, what changed, what vanished.

Its labels are imported ones: placed in the study's own sources, with ids by person, place and name, so
the same work that came in as a file before is not doubled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotate.core.imports.plan import FilePlan
from annotate.core.imports.seen import ImportedLabel, ImportedRelation
from annotate.core.ledger import Event
from annotate.core.state import State


@dataclass(frozen=True, slots=True)
class Origin:
    """Where pulled batches came from: the server, as the study calls it, and the project's number there."""

    server: str
    project: int


def project_events(
    state: State, origin: Origin, plans: Iterable[FilePlan], read: Collection[str] | None
) -> list[Event]:
    """Ledger events that bring the imports up to these plans.

    The plans hold everything that the project holds now, each person's as if nothing was known. ``read``
    are the people whose work could be read (None: everybody's): what is missing of anybody else's has not
    vanished.
    """
    events: list[Event] = []
    present: set[str] = set()
    for plan in plans:
        present |= _ids(plan)
        fresh = [one for one in plan.events if _is_news(state, one)]
        if fresh:
            head, *_ = plan.events
            counts = {
                kind: sum(one.event == f"{kind}_imported" for one in fresh) for kind in ("label", "relation")
            }
            data = {**head.data, "labels": counts["label"], "relations": counts["relation"]}
            data |= {"server": origin.server, "project_id": origin.project}
            events += [Event("labels_imported", data), *map(lambda one: _kept(state, one), fresh)]
    return [*events, *_vanished(state, origin, present, read)]


def _ids(plan: FilePlan) -> set[str]:
    names = {"label_imported": "label_id", "relation_imported": "relation_id"}
    return {one.data[names[one.event]] for one in plan.events if one.event in names}


def _known(state: State, event: Event) -> ImportedLabel | ImportedRelation | None:
    if event.event == "label_imported":
        return state.imports.labels.get(event.data["label_id"])
    if event.event == "relation_imported":
        return state.imports.relations.get(event.data["relation_id"])
    return None


def _is_news(state: State, event: Event) -> bool:
    if event.event == "labels_imported":
        return False
    known = _known(state, event)
    if known is None or known.vanished_in:
        return True
    name = "label" if isinstance(known, ImportedLabel) else "relation"
    told = [field for field in ("created_at", "updated_at") if event.data[field]]
    compared = (name, "finished", "annotator", *told)
    return any(getattr(known, field) != event.data[field] for field in compared)


def _kept(state: State, event: Event) -> Event:
    """The event with times that were known before, where this reading could not tell them."""
    known = _known(state, event)
    if known is None:
        return event
    times = {name: event.data[name] or getattr(known, name) for name in ("created_at", "updated_at")}
    return Event(event.event, {**event.data, **times})


def _vanished(
    state: State, origin: Origin, present: Collection[str], read: Collection[str] | None
) -> Iterator[Event]:
    batches = {
        one.batch
        for one in state.imports.batches.values()
        if (one.server, one.project_id) == (origin.server, origin.project)
    }
    stores: Mapping[str, Mapping[str, ImportedLabel | ImportedRelation]] = {
        "relation": state.imports.relations,
        "label": state.imports.labels,
    }
    for kind, store in stores.items():
        for name, one in sorted(store.items()):
            gone = one.batch in batches and not one.vanished_in and name not in present
            if gone and (read is None or one.annotator in read):
                yield Event(f"imported_{kind}_vanished", {f"{kind}_id": name})
