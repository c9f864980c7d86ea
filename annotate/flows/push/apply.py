"""Carry out a push plan. Each step is recorded in the ledger as soon as the server has it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from annotate.core.errors import Conflict, PartlyDone, Problem
from annotate.core.ledger import Event, record_of
from annotate.doccano import campaign
from annotate.doccano.campaign import Remote
from annotate.flows.connecting import EMBEDDED, server_name
from annotate.flows.push.plan import PASS, ProjectPlan, PushPlan, Session
from annotate.flows.push.sending import AGAIN, Sender

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did, by annotator, and what it left alone."""

    server: str
    passages_added: dict[str, int]
    suggestions_placed: dict[str, int]
    already_there: dict[str, int]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()
    relations_placed: dict[str, int] = field(default_factory=dict)


def apply_plan(session: Session, made: PushPlan, advance: Advance) -> PushReport:
    """Do what the plan says. Raises Conflict and PartlyDone after everything else was done."""
    total = sum(len(plan.passages.add) + len(plan.passages.adopt) for plan in made.projects)
    added: dict[str, int] = {}
    placed: dict[str, int] = {}
    related: dict[str, int] = {}
    done = 0
    for plan in made.projects:
        remote = _prepare_project(session, plan)

        def step(count: int, before: int = done) -> None:
            advance(before + count, total)

        sender = Sender(session, remote, step)
        sender.adopt(plan.passages.adopt)
        _record_queue(session, plan, remote)
        sender.send(plan.passages.add, plan.queue)
        user = plan.annotator.user
        added[user], placed[user], related[user] = sender.added, sender.placed, sender.related
        done += len(plan.passages.add) + len(plan.passages.adopt)
    report = PushReport(
        server=made.server,
        passages_added=added,
        suggestions_placed=placed,
        already_there={plan.annotator.user: plan.passages.present for plan in made.projects},
        problems=(*made.problems, *session.problems),
        warnings=tuple(_warnings(session, made)),
        relations_placed=related,
    )
    if session.problems:
        raise PartlyDone("the server did not take everything", problems=report.problems, hint=AGAIN)
    if made.problems:
        raise Conflict(
            f"{len(made.problems)} thing(s) on the server differ from the study and were left alone",
            problems=made.problems,
            hint="everything else was pushed",
        )
    return report


def _prepare_project(session: Session, plan: ProjectPlan) -> Remote:
    """Project, types, member, guideline; recorded in the ledger as soon as it stands."""
    server = session.server
    remote = plan.remote or _create(session, plan)
    campaign.remove_twins(server, remote)
    if plan.types:
        campaign.apply_type_changes(server, remote.project_id, plan.types)
    if plan.add_member:
        campaign.add_annotator(server, remote.project_id, plan.annotator.user)
    if plan.update_guideline:
        campaign.update_guideline(server, remote, plan.guideline)
    if not plan.known or plan.types or plan.update_guideline:
        session.commit(_project_events(session, plan, remote))
    return remote


def _record_queue(session: Session, plan: ProjectPlan, remote: Remote) -> None:
    """Before anything is sent, so that a push after an interrupted one knows which were controls."""
    key = remote.marker.key
    if plan.passages.add and session.index.projects[key].queue != session.queue:
        settings = record_of(session.queue)
        session.commit([Event("queue_planned", {"project": key, "settings": settings})])


def _create(session: Session, plan: ProjectPlan) -> Remote:
    marker = campaign.new_marker(session.study.config.study.id, PASS, plan.annotator.user)
    campaign.create_project(session.server, marker, plan.name, plan.guideline)
    remote = campaign.find_projects(session.server, marker.study, PASS)[plan.annotator.user]
    if remote.marker != marker:
        # Somebody was faster. Ours is the younger one, empty, and theirs the one to go on with.
        campaign.remove_twins(session.server, remote)
        raise Conflict(
            f"another push of this study is making the project of {plan.annotator.user!r} right now",
            hint="when it is done, run `annotate push` again: it continues with what is there",
        )
    return remote


def _project_events(session: Session, plan: ProjectPlan, remote: Remote) -> list[Event]:
    key = remote.marker.key
    labels, relations = campaign.type_names(session.server, remote.project_id)
    opened = Event(
        "project_opened",
        {
            "project": key,
            "server": server_name(session.study),
            "project_id": remote.project_id,
            "name": remote.name,
            "pass": PASS,
            "user": plan.annotator.user,
            "service_user": session.server.user,
        },
    )
    scheme = Event(
        "scheme_pushed",
        {
            "project": key,
            "scheme": session.scheme.name,
            "version": session.scheme.version,
            "sha256": session.scheme.sha256,
            "guideline_sha256": plan.guideline_sha256,
            "label_types": labels,
            "relation_types": relations,
        },
    )
    return [scheme] if key in session.index.projects else [opened, scheme]


def _warnings(session: Session, made: PushPlan) -> Iterator[str]:
    for plan in made.projects:
        gone = len(plan.passages.gone_from_build)
        if gone:
            yield (
                f"{plan.name}: {gone} passage(s) on the server are no longer in corpus/built; "
                "their labels stay and are pulled"
            )
    if session.study.config.server.url != EMBEDDED:
        yield from _isolation_warning(session)


def _isolation_warning(session: Session) -> Iterator[str]:
    """Ask a server that is not ours whether one annotator could read another's labels."""
    here = server_name(session.study)
    ours = [one for one in session.index.projects.values() if one.server == here]
    for one, other in itertools.permutations(ours, 2):
        example = next(iter(session.index.known(other.project)), (None,))[0]
        if example is None:
            continue
        if campaign.foreign_labels_readable(session.server, one.project_id, example):
            yield (
                "annotators of this server can read and delete each other's labels by a crafted address "
                "(a hole of Doccano 1.8.4). Use one server per confidentiality level, or the embedded "
                "server, which closes it; docs/servers.md says how to close it elsewhere"
            )
            return
