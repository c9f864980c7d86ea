"""Carry out a push plan. Each step is recorded in the ledger as soon as the server has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.errors import Conflict, PartlyDone, Problem, ServerFailure
from annotate.core.ledger import Event
from annotate.core.model import Passage, Suggestion
from annotate.core.pushing import Landing, landing
from annotate.doccano import campaign, importing, wire
from annotate.doccano.campaign import Remote
from annotate.doccano.reading import read_labels
from annotate.flows.connecting import EMBEDDED, server_name
from annotate.flows.push.plan import PASS, ProjectPlan, PushPlan, Session, remote_examples

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


def apply_plan(session: Session, made: PushPlan, advance: Advance) -> PushReport:
    """Do what the plan says. Raises Conflict and PartlyDone after everything else was done."""
    total = sum(len(plan.passages.add) + len(plan.passages.adopt) for plan in made.projects)
    added: dict[str, int] = {}
    placed: dict[str, int] = {}
    done = 0
    for plan in made.projects:
        remote = _prepare_project(session, plan)

        def step(count: int, before: int = done) -> None:
            advance(before + count, total)

        user = plan.annotator.user
        added[user], placed[user] = _send_passages(session, plan, remote, made.suggestions, step)
        done += len(plan.passages.add) + len(plan.passages.adopt)
    report = PushReport(
        server=made.server,
        passages_added=added,
        suggestions_placed=placed,
        already_there={plan.annotator.user: plan.passages.present for plan in made.projects},
        problems=(*made.problems, *session.problems),
        warnings=tuple(_warnings(session, made)),
    )
    if session.problems:
        raise PartlyDone("the server did not take everything", problems=report.problems, hint=_AGAIN)
    if made.problems:
        raise Conflict(
            f"{len(made.problems)} thing(s) on the server differ from the study and were left alone",
            problems=made.problems,
            hint="everything else was pushed",
        )
    return report


_AGAIN = "what arrived is recorded; run `annotate push` again to send the rest"


def _prepare_project(session: Session, plan: ProjectPlan) -> Remote:
    """Project, types, member, guideline; recorded in the ledger as soon as it stands."""
    server = session.server
    remote = plan.remote
    if remote is None:
        marker = campaign.new_marker(session.study.config.study.id, PASS, plan.annotator.user)
        campaign.create_project(server, marker, plan.name, plan.guideline)
        remote = campaign.find_projects(server, marker.study, PASS)[plan.annotator.user]
    if plan.types:
        campaign.apply_type_changes(server, remote.project_id, plan.types)
    if plan.add_member:
        campaign.add_annotator(server, remote.project_id, plan.annotator.user)
    if plan.update_guideline:
        campaign.update_guideline(server, remote, plan.guideline)
    if not plan.known or plan.types or plan.update_guideline:
        session.commit(_project_events(session, plan, remote))
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
    return [scheme] if key in session.state.projects else [opened, scheme]


def _send_passages(
    session: Session,
    plan: ProjectPlan,
    remote: Remote,
    suggestions: Mapping[str, tuple[Suggestion, ...]],
    step: Callable[[int], None],
) -> tuple[int, int]:
    """Adopt what an interrupted push left, send the rest in batches; (passages, suggestions) recorded."""
    placed = _record(session, remote, plan.passages.adopt, suggestions)
    count = len(plan.passages.adopt)
    step(count)
    before = plan.passages.present + count
    for at in range(0, len(plan.passages.add), importing.BATCH):
        batch = plan.passages.add[at : at + importing.BATCH]
        landed = _import_batch(session, remote, batch, suggestions, before)
        placed += _record(session, remote, landed, suggestions)
        count += len(landed)
        before += len(landed)
        step(count)
    return count, placed


def _import_batch(
    session: Session,
    remote: Remote,
    batch: Sequence[Passage],
    suggestions: Mapping[str, tuple[Suggestion, ...]],
    before: int,
) -> list[tuple[int, Passage]]:
    rows = [wire.import_row(one, suggestions.get(one.passage_id, ()), remote.marker.key) for one in batch]
    outcome = importing.import_jsonl(session.server, remote.project_id, wire.import_file(rows))
    wanted = {passage.passage_id: passage for passage in batch}
    # The newest examples stand last; other examples in between only make the list longer.
    arrived = [
        (one.example, wanted[one.passage_id])
        for one in remote_examples(session.server, remote, max(0, before - 1))
        if one.passage_id in wanted
    ]
    there = {passage.passage_id for _, passage in arrived}
    missing = [passage for passage in batch if passage.passage_id not in there]
    if missing and outcome.crash:
        _record(session, remote, arrived, suggestions)
        raise ServerFailure(f"the server's import failed: {outcome.crash[:300]}", hint=_AGAIN)
    reasons = {row - 1: message for row, message in outcome.refused}
    for number, passage in enumerate(batch):
        if passage.passage_id not in there:
            why = reasons.get(number, "it gave no reason")
            session.problems.append(
                Problem(passage.source_file, 0, f"the server refused it: {why}", subject=passage.passage_id)
            )
    return arrived


def _record(
    session: Session,
    remote: Remote,
    arrived: Sequence[tuple[int, Passage]],
    suggestions: Mapping[str, tuple[Suggestion, ...]],
) -> int:
    """Read back the labels of passages that arrived and commit both; how many suggestions were placed."""
    if not arrived:
        return 0
    landings = [_land(session, remote, example, passage, suggestions) for example, passage in arrived]
    session.commit([event for one in landings for event in one.events])
    for (_, passage), one in zip(arrived, landings, strict=True):
        session.problems.extend(
            Problem(
                passage.source_file,
                0,
                f"the suggestion {lost.label} {lost.quote!r} is not on the server",
                subject=passage.passage_id,
            )
            for lost in one.lost
        )
    return sum(event.event == "suggestion_placed" for one in landings for event in one.events)


def _land(
    session: Session,
    remote: Remote,
    example: int,
    passage: Passage,
    suggestions: Mapping[str, tuple[Suggestion, ...]],
) -> Landing:
    key = remote.marker.key
    ours = suggestions.get(passage.passage_id, ())
    labels = read_labels(session.server, remote.project_id, key, example, passage.text) if ours else ()
    return landing(key, example, passage, ours, labels, session.server.user)


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
    projects = {key: one for key, one in session.state.projects.items() if one.server == here}
    for one in projects.values():
        foreign = (
            p.example for p in session.state.passages.values() if p.project in projects.keys() - {one.project}
        )
        example = next(foreign, None)
        if example is not None and campaign.foreign_labels_readable(session.server, one.project_id, example):
            yield (
                "annotators of this server can read and delete each other's labels by a crafted address "
                "(a hole of Doccano 1.8.4). Use one server per confidentiality level, or the embedded "
                "server, which closes it; docs/servers.md says how to close it elsewhere"
            )
            return
