"""`annotate status`: how far each annotator is, and where server and study disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from annotate.core.errors import ConfigError
from annotate.core.model import Passage
from annotate.core.pushing import plan_passages
from annotate.core.queue import deal
from annotate.core.state import Project, State
from annotate.doccano import campaign
from annotate.doccano.transport import Transport
from annotate.flows.connecting import connect, server_name
from annotate.flows.push.plan import PASS, queue_settings, read_sketches
from annotate.store.built import read_passages
from annotate.store.config import Annotator
from annotate.store.index import read_state
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class AnnotatorStatus:
    """One annotator: passages on the server, confirmed ones, labels by who made them."""

    user: str
    pseudonym: str
    scripted: bool
    project_id: int | None
    passages: int
    confirmed: int
    labels: int
    suggestions_left: int
    not_pushed: int
    disagreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The campaign as it stands on the server now, and the last pull that the study knows."""

    server: str
    annotators: tuple[AnnotatorStatus, ...]
    last_pull: str | None
    ledger_lines: int
    ledger_head: str


def status(study: Study) -> StatusReport:
    """Ask the server. Raises ConfigError, Refused, ServerFailure."""
    if not study.config.annotators:
        raise ConfigError(
            "annotate.toml names no annotators", hint="add one [[annotators]] table for each person"
        )
    state = read_state(study)
    server = connect(study)
    remotes = campaign.find_projects(server, study.config.study.id, PASS)
    passages = {one.passage_id: one for one in read_passages(study)}
    made = [
        _of_project(server, state, passages, annotator, remotes[annotator.user])
        if annotator.user in remotes
        else (_missing(annotator, state, study), tuple(passages))
        for annotator in study.config.annotators
    ]
    shares = deal(queue_settings(study), passages, {row.user: missing for row, missing in made})
    rows = tuple(replace(row, not_pushed=row.not_pushed + len(shares[row.user])) for row, _ in made)
    return StatusReport(server_name(study), rows, state.last_pull(), state.head.seq, state.head.hash)


def _of_project(
    server: Transport,
    state: State,
    passages: Mapping[str, Passage],
    annotator: Annotator,
    remote: campaign.Remote,
) -> tuple[AnnotatorStatus, tuple[str, ...]]:
    """The row without what is to be sent, and the passages that the project lacks."""
    examples = list(read_sketches(server, remote))
    known = {one.passage.passage_id for one in state.passages.values() if one.project == remote.marker.key}
    plan = plan_passages(remote.name, passages, examples, known)
    progress = campaign.progress(server, remote.project_id)
    people = campaign.members(server, remote.project_id)
    row = AnnotatorStatus(
        user=annotator.user,
        pseudonym=annotator.pseudonym,
        scripted=annotator.scripted,
        project_id=remote.project_id,
        passages=len(examples),
        confirmed=progress.confirmed,
        labels=progress.labels_by_user.get(annotator.user, 0),
        suggestions_left=progress.labels_by_user.get(server.user, 0),
        not_pushed=len(plan.adopt),
        disagreements=(
            *(str(problem) for problem in plan.problems),
            *(f"{user!r} is a member too" for user in sorted(people.keys() - {annotator.user, server.user})),
            *(str(problem) for problem in campaign.settings_problems(remote)),
        ),
    )
    return row, plan.add


def _missing(annotator: Annotator, state: State, study: Study) -> AnnotatorStatus:
    known: list[Project] = [
        one
        for one in state.projects.values()
        if one.user == annotator.user and one.server == server_name(study)
    ]
    lost = (f"project {known[-1].project_id} is in the ledger and not on the server",) if known else ()
    return AnnotatorStatus(annotator.user, annotator.pseudonym, annotator.scripted, None, 0, 0, 0, 0, 0, lost)
