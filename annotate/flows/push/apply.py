"""Carry out a push plan. Each step is recorded in the ledger as soon as the server has it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.errors import Conflict, PartlyDone, Problem, ServerFailure
from annotate.core.ledger import Event
from annotate.core.model import Passage, Suggestion
from annotate.core.pushing import Landing, landing
from annotate.core.sketch import Sketch
from annotate.doccano import archive, campaign, importing, wire
from annotate.doccano.campaign import Remote
from annotate.doccano.database import open_database
from annotate.doccano.reading import service_labels
from annotate.flows.connecting import EMBEDDED, embedded_database, server_name
from annotate.flows.push.completing import complete
from annotate.flows.push.plan import PASS, ProjectPlan, PushPlan, Session

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
    return [scheme] if key in session.state.projects else [opened, scheme]


def _send_passages(
    session: Session,
    plan: ProjectPlan,
    remote: Remote,
    suggestions: Mapping[str, tuple[Suggestion, ...]],
    step: Callable[[int], None],
) -> tuple[int, int]:
    """Adopt what an interrupted push left, send the rest in batches; (passages, suggestions) recorded.

    What arrived is read back with one export after the last batch. A push that dies before leaves
    its passages to be adopted by the next one.
    """
    placed = _record(session, remote, plan.passages.adopt, suggestions)
    count = len(plan.passages.adopt)
    step(count)
    missing: Sequence[Passage] = plan.passages.add
    while missing:

        def sent(done: int, before: int = count) -> None:
            step(before + done)

        outcome = _import(session, remote, missing, suggestions, sent)
        arrived, missing = _read_back(session, remote, missing)
        placed += _record(session, remote, arrived, suggestions)
        count += len(arrived)
        if not outcome.crash:
            _refused(session, missing, outcome)
            break
        # One passage that was there already undoes a whole import: an earlier one, whose answer was
        # lost, went on behind our back. What it brought is recorded now; the rest is sent again.
        if missing and not arrived:
            raise ServerFailure(f"the server's import failed: {outcome.crash[:300]}", hint=_AGAIN)
    return count, placed


def _read_back(
    session: Session, remote: Remote, sent: Sequence[Passage]
) -> tuple[list[tuple[Sketch, Passage]], list[Passage]]:
    """Which of these passages are on the server, and which are not."""
    wanted = {passage.passage_id: passage for passage in sent}
    arrived = [
        (one, wanted[one.passage_id]) for one in _sketches(session, remote) if one.passage_id in wanted
    ]
    there = {passage.passage_id for _, passage in arrived}
    return arrived, [passage for passage in sent if passage.passage_id not in there]


def _sketches(session: Session, remote: Remote) -> list[Sketch]:
    """What is there after our imports. Our own server's file tells at once; an export takes half as
    long as the import did.
    """
    if session.study.config.server.url == EMBEDDED:
        with open_database(*embedded_database(session.study)) as opened:
            return list(opened.sketches(remote.project_id))
    return archive.read_archive(session.server, remote.project_id)


def _refused(session: Session, missing: Sequence[Passage], outcome: _Outcome) -> None:
    for passage in missing:
        why = outcome.refused.get(passage.passage_id, "it gave no reason")
        session.problems.append(
            Problem(passage.source_file, 0, f"the server refused it: {why}", subject=passage.passage_id)
        )


@dataclass(frozen=True, slots=True)
class _Outcome:
    refused: dict[str, str]
    crash: str | None


def _import(
    session: Session,
    remote: Remote,
    passages: Sequence[Passage],
    suggestions: Mapping[str, tuple[Suggestion, ...]],
    step: Callable[[int], None],
) -> _Outcome:
    """Send passages in batches; after one that crashes none is begun.

    One batch is queued while another is imported, so that the server never waits for us.
    """
    refused: dict[str, str] = {}
    crash: str | None = None
    queued: deque[tuple[Sequence[Passage], str]] = deque()
    at = done = 0
    while queued or (at < len(passages) and not crash):
        if at < len(passages) and len(queued) < AHEAD and not crash:
            batch = passages[at : at + importing.BATCH]
            rows = (
                wire.import_row(one, suggestions.get(one.passage_id, ()), remote.marker.key) for one in batch
            )
            file = wire.import_file(rows)
            queued.append((batch, importing.start_import(session.server, remote.project_id, file)))
            at += len(batch)
            continue
        batch, task = queued.popleft()
        outcome = importing.finish_import(session.server, task)
        refused |= {
            batch[row - 1].passage_id: message for row, message in outcome.refused if 0 < row <= len(batch)
        }
        crash = crash or outcome.crash
        done += len(batch)
        step(done)
    return _Outcome(refused, crash)


AHEAD = 2
"""Imports that the server has at a time: one it works on, one it goes on with."""

RECORD = 500
"""Passages per ledger transaction: few enough that one file fits easily into memory while it is read."""


def _record(
    session: Session,
    remote: Remote,
    arrived: Sequence[tuple[Sketch, Passage]],
    suggestions: Mapping[str, tuple[Suggestion, ...]],
) -> int:
    """Commit passages that arrived and which labels on them are ours; how many suggestions were placed."""
    arrived = complete(session.server, remote, arrived, suggestions)
    placed = 0
    for at in range(0, len(arrived), RECORD):
        some = arrived[at : at + RECORD]
        landings = [_land(session, remote, sketch, passage, suggestions) for sketch, passage in some]
        session.commit([event for one in landings for event in one.events])
        for (_, passage), one in zip(some, landings, strict=True):
            session.problems.extend(_lost(passage, suggestion) for suggestion in one.lost)
            placed += sum(event.event == "suggestion_placed" for event in one.events)
    return placed


def _lost(passage: Passage, suggestion: Suggestion) -> Problem:
    what = f"the suggestion {suggestion.label} {suggestion.quote!r} is not on the server"
    return Problem(passage.source_file, 0, what, subject=passage.passage_id)


def _land(
    session: Session,
    remote: Remote,
    sketch: Sketch,
    passage: Passage,
    suggestions: Mapping[str, tuple[Suggestion, ...]],
) -> Landing:
    key, user = remote.marker.key, session.server.user
    ours = suggestions.get(passage.passage_id, ())
    landed = landing(key, passage, ours, sketch, user)
    if not landed.lost:
        return landed
    # Somebody was there before us: ask who made which label.
    mine = service_labels(session.server, remote.project_id, sketch.example)
    return landing(key, passage, ours, sketch, user, mine)


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
