"""Carry out a start plan: record what all agree on, put the rest before the adjudicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from annotate.core.adjudication.decided import ADJUDICATION, Decided, record_of_decision
from annotate.core.errors import Conflict, PartlyDone, Problem, ServerFailure
from annotate.core.judgments import LABELLING
from annotate.core.ledger import Event
from annotate.core.passage_records import passage_record
from annotate.core.pushing import text_sha256
from annotate.core.scheme import Scheme
from annotate.core.sketch import Sketch
from annotate.core.state import State, fold
from annotate.doccano import adjudicating, archive, campaign, importing, wire
from annotate.doccano.adjudicating import Desk
from annotate.doccano.campaign import Remote
from annotate.doccano.transport import Transport
from annotate.flows.adjudicate.plan import Ground, Offered, StartPlan
from annotate.flows.connecting import server_name
from annotate.store.ledger import append
from annotate.store.study import Study

Advance = Callable[[int, int], None]
RECORD = 100
"""Offers per ledger transaction."""

HOW_TO = """\
# Adjudication

Each passage here has the labels of everybody who read it, equal ones once. A comment says who set what.
Delete what is wrong, move or add what is missing, write a comment where the reason is worth keeping, and
confirm the passage: what stands then is the decision. A comment that begins with "unresolved" leaves open
what the annotators do not agree on.

"""


@dataclass(frozen=True, slots=True)
class StartReport:
    """Passages by what became of them; ``settled`` were decided before and still hold."""

    unanimous: int
    offered: int
    offered_again: int
    settled: int
    problems: tuple[Problem, ...] = ()


def report_of(plan: StartPlan) -> StartReport:
    """What a plan does, in numbers."""
    again = sum(one.sketch is not None for one in plan.offers)
    return StartReport(len(plan.unanimous), len(plan.offers) - again, again, plan.settled, plan.problems)


@dataclass(slots=True)
class _Session:
    study: Study
    server: Transport
    scheme: Scheme
    state: State

    def commit(self, events: Sequence[Event]) -> None:
        fold(append(self.study, "adjudicate", events, after=self.state.head), self.state)


def apply_plan(study: Study, ground: Ground, plan: StartPlan, advance: Advance) -> StartReport:
    """Do what the plan says, the caller holding the study's lock.

    Raises Conflict or PartlyDone after everything else was done, ServerFailure, Refused.
    """
    state = ground.state
    if plan.unanimous:
        events = [_event(one) for one in plan.unanimous]
        fold(append(study, "adjudicate", events, after=state.head), state)
    if plan.offers and plan.server is not None:
        session = _Session(study, plan.server, ground.scheme, state)
        remote = _prepare(session, plan.remote)
        _offer(session, remote, plan.offers, advance)
    if plan.problems:
        raise Conflict(
            f"{len(plan.problems)} passage(s) differ on the server and were left alone",
            problems=plan.problems,
            hint="everything else was done",
        )
    return report_of(plan)


def _event(decided: Decided) -> Event:
    return Event("passage_decided", record_of_decision(decided))


def _prepare(session: _Session, remote: Remote | None) -> Remote:
    """The project with its types, member and guideline; recorded when it is new or its scheme is."""
    study, server, scheme = session.study, session.server, session.scheme
    judge = study.config.adjudication
    if judge is None:
        raise ValueError("a plan with offers names its adjudicator")
    guideline = scheme.guideline(LABELLING, judge.language)
    if remote is None:
        marker = campaign.new_marker(study.config.study.id, ADJUDICATION, judge.user)
        name = f"{study.config.study.name[:60]} · {ADJUDICATION} · {judge.user}"
        campaign.create_project(server, marker, name, HOW_TO + guideline.text)
        remote = campaign.find_projects(server, marker.study, ADJUDICATION)[judge.user]
    campaign.remove_twins(server, remote)
    base = f"projects/{remote.project_id}"
    types = campaign.plan_types(
        scheme,
        LABELLING,
        remote.name,
        server.get_list(f"{base}/span-types"),
        server.get_list(f"{base}/relation-types"),
    )
    campaign.apply_type_changes(server, remote.project_id, types.changes)
    if judge.user not in campaign.members(server, remote.project_id):
        campaign.add_annotator(server, remote.project_id, judge.user)
    known = session.state.projects.get(remote.marker.key)
    if known is None or known.scheme is None or known.scheme.sha256 != scheme.sha256:
        campaign.update_guideline(server, remote, HOW_TO + guideline.text)
        session.commit(list(_project_events(session, remote, judge.user, guideline.sha256)))
    return remote


def _project_events(session: _Session, remote: Remote, user: str, guideline_sha256: str) -> Iterator[Event]:
    key = remote.marker.key
    if key not in session.state.projects:
        opened = {
            "project": key,
            "server": server_name(session.study),
            "project_id": remote.project_id,
            "name": remote.name,
            "pass": ADJUDICATION,
            "user": user,
            "service_user": session.server.user,
        }
        yield Event("project_opened", opened)
    labels, relations = campaign.type_names(session.server, remote.project_id)
    scheme = {
        "project": key,
        "scheme": session.scheme.name,
        "version": session.scheme.version,
        "sha256": session.scheme.sha256,
        "guideline_sha256": guideline_sha256,
        "label_types": labels,
        "relation_types": relations,
    }
    yield Event("scheme_pushed", scheme)


def _offer(session: _Session, remote: Remote, offers: Sequence[Offered], advance: Advance) -> None:
    """Import the passages that are not there, then finish and record one after the other."""
    new = [one for one in offers if one.sketch is None]
    refused = _import(session, remote, new)
    arrived = _read_back(session, remote) if new else {}
    labels, relations = campaign.type_names(session.server, remote.project_id)
    desk = Desk(
        session.server,
        remote.project_id,
        {name: int(number) for number, name in labels.items()},
        {name: int(number) for number, name in relations.items()},
    )
    done: list[Event] = []
    missing: list[Problem] = []
    for number, one in enumerate(offers, 1):
        sketch = one.sketch or arrived.get(one.offering.passage.passage_id)
        if sketch is None:
            missing.append(_refusal(one, refused))
            continue
        desk.complete(sketch, one.offering)
        done += _events_of(session, remote, one, sketch)
        advance(number, len(offers))
        if number % RECORD == 0:
            session.commit(done)
            done = []
    if done:
        session.commit(done)
    if missing:
        raise PartlyDone(
            "the server did not take every passage",
            problems=missing,
            hint="what arrived is recorded; run `annotate adjudicate start` again to send the rest",
        )


def _import(session: _Session, remote: Remote, offers: Sequence[Offered]) -> dict[str, str]:
    """Send passages in batches; what was refused, by passage id. Raises ServerFailure."""
    refused: dict[str, str] = {}
    for at in range(0, len(offers), importing.BATCH):
        batch = offers[at : at + importing.BATCH]
        rows = (adjudicating.import_row(one.offering, remote.marker.key) for one in batch)
        task = importing.start_import(session.server, remote.project_id, wire.import_file(rows))
        outcome = importing.finish_import(session.server, task)
        if outcome.crash:
            raise ServerFailure(
                f"the server's import failed: {outcome.crash[:300]}",
                hint="run `annotate adjudicate start` again: it continues with what is there",
            )
        for row, message in outcome.refused:
            if 0 < row <= len(batch):
                refused[batch[row - 1].decided.passage_id] = message
    return refused


def _read_back(session: _Session, remote: Remote) -> dict[str, Sketch]:
    found = archive.read_archive(session.server, remote.project_id)
    return {one.passage_id: one for one in found if one.passage_id}


def _refusal(one: Offered, refused: dict[str, str]) -> Problem:
    passage = one.offering.passage
    why = refused.get(passage.passage_id, "it gave no reason")
    return Problem(passage.source_file, 0, f"the server refused it: {why}", subject=passage.passage_id)


def _events_of(session: _Session, remote: Remote, one: Offered, sketch: Sketch) -> Iterator[Event]:
    key, passage = remote.marker.key, one.offering.passage
    if (key, sketch.example) not in session.state.passages:
        pushed = {
            "project": key,
            "example": sketch.example,
            "passage": passage_record(passage),
            "text_sha256": text_sha256(passage.text),
        }
        yield Event("passage_pushed", pushed)
    yield _event(replace(one.decided, project=key, example=sketch.example))
