"""Deal missing passages out to annotators and put each one's share into order: part of a push's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from annotate.core.queue import Facts, Queued, QueueSettings, deal, planned
from annotate.core.queue.orders import Group
from annotate.store.built import read_documents

if TYPE_CHECKING:
    from annotate.flows.push.plan import ProjectPlan, Session


def queued(session: Session, plans: Sequence[ProjectPlan]) -> list[ProjectPlan]:
    """The plans with what each annotator is to get, in order, and the reasons for it."""
    settings = session.queue
    missing = {one.annotator.user: one.passages.add for one in plans}
    shares = deal(settings, session.passages, missing)
    if settings.order == QueueSettings().order and not settings.control_share:
        # Nothing to say of any passage where only the shares differ from the default.
        return [_with(one, shares[one.annotator.user], {}) for one in plans]
    facts = facts_of(session)
    same: dict[tuple[Sequence[str], Sequence[str], int], dict[str, Queued]] = {}
    made: list[ProjectPlan] = []
    for one in plans:
        share = shares[one.annotator.user]
        there, before = _there(session, one)
        key = (share, there, before)
        if key not in same:
            same[key] = planned(settings, share, there, facts, before=before)
        made.append(_with(one, tuple(same[key]), same[key]))
    return made


def _with(one: ProjectPlan, add: tuple[str, ...], queue: Mapping[str, Queued]) -> ProjectPlan:
    return replace(one, passages=replace(one.passages, add=add), queue=queue)


def _there(session: Session, one: ProjectPlan) -> tuple[tuple[str, ...], int]:
    """Passages of the study that the annotator has, in the build's order; examples in the project."""
    if one.remote is None:
        return (), 0
    has = session.known(one.remote.marker.key) | set(one.passages.adopt)
    return tuple(passage_id for passage_id in session.passages if passage_id in has), len(has)


def facts_of(session: Session) -> Facts:
    """What orders look at; documents are read only where their order asks for them."""
    groups: dict[str, Group] = {}
    if session.queue.order == "balanced":
        groups = {
            one.document_id: (one.publisher or one.agency or "", one.language, (one.published or "")[:4])
            for one in read_documents(session.study)
        }

    def scores(passage_id: str) -> list[tuple[str, float | None]]:
        return [(one.label, one.score) for one in session.chosen.of(passage_id)]

    def group(passage_id: str) -> Group:
        return groups.get(session.passages[passage_id].document_id, ("", "", ""))

    return Facts(scores, lambda passage_id: session.passages[passage_id].text, group)
