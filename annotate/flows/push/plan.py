"""What a push would do: read server, ledger and study, compare, change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError, Conflict, Problem, UsageError
from annotate.core.ledger import Event
from annotate.core.model import Suggestion
from annotate.core.pushing import PassagePlan, Sent, plan_passages
from annotate.core.queue import Queued, QueueSettings, faults
from annotate.core.relating import SentRelation
from annotate.core.scheme import Scheme
from annotate.core.sketch import Sketch
from annotate.flows.connecting import EMBEDDED, connect, embedded_database, server_name
from annotate.flows.push.queueing import queued
from annotate.store.chosen import Chosen
from annotate.store.config import Annotator
from annotate.store.index import Index, open_index
from annotate.store.passages import Passages
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.campaign import Remote, TypeChange
    from annotate.doccano.transport import Transport

PASS = "spans"  # noqa: S105 - the name of a labelling pass


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """What one annotator's project needs. ``remote`` None: the project itself.

    ``passages.add`` is this annotator's share in the order of sending, ``queue`` why each is where it is.
    """

    annotator: Annotator
    name: str
    remote: Remote | None
    known: bool
    add_member: bool
    guideline: str
    guideline_sha256: str
    update_guideline: bool
    types: tuple[TypeChange, ...]
    passages: PassagePlan
    queue: Mapping[str, Queued] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        passages = self.passages
        work = (self.remote is None, not self.known, self.add_member, self.update_guideline)
        twins = self.remote is not None and self.remote.twins
        return not (any(work) or twins or self.types or passages.add or passages.adopt)


@dataclass(frozen=True, slots=True)
class PushPlan:
    """Everything a push would do, and every disagreement that it found and will not touch."""

    server: str
    projects: tuple[ProjectPlan, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether server and study agree already."""
        return all(project.is_empty for project in self.projects)


@dataclass(slots=True)
class Session:
    """What the steps of one push share. Passages and suggestions are read from the study one at a time."""

    study: Study
    server: Transport
    scheme: Scheme
    passages: Passages
    chosen: Chosen
    index: Index
    queue: QueueSettings = field(default_factory=QueueSettings)
    problems: list[Problem] = field(default_factory=list)
    relation_types: frozenset[str] = frozenset()

    def known(self, project: str) -> set[str]:
        """The passages that the ledger says a project has."""
        return {passage_id for _, passage_id, _ in self.index.known(project)}

    def sent(self, passage_id: str, queued: Queued | None = None) -> Sent:
        """A passage and what it is pushed with: a control without suggestions."""
        if queued is not None and queued.control:
            return Sent(self.passages[passage_id], (), queued)
        suggestions, relations = self.chosen.whole(passage_id)
        return Sent(
            self.passages[passage_id], suggestions, queued, tuple(self._allowed(suggestions, relations))
        )

    def _allowed(
        self, suggestions: Sequence[Suggestion], relations: Sequence[SentRelation]
    ) -> Iterator[SentRelation]:
        """The scheme may have changed since they were suggested."""
        for one in relations:
            name, ends = one.suggested.relation, (suggestions[one.start], suggestions[one.end])
            if name in self.relation_types and self.scheme.is_allowed(name, ends[0].label, ends[1].label):
                yield one

    def sketches(self, remote: Remote) -> Iterator[Sketch]:
        """What a project has, in any order: from our own server's file at once, else from an export."""
        if self.study.config.server.url != EMBEDDED:
            yield from read_sketches(self.server, remote)
            return
        from annotate.doccano.database import open_database

        with open_database(*embedded_database(self.study)) as opened:
            yield from opened.sketches(remote.project_id)

    def commit(self, events: Sequence[Event]) -> None:
        """Append one transaction."""
        if events:
            self.index.append("push", events)


@contextmanager
def open_session(study: Study, *, writing: bool, order: str | None = None) -> Iterator[Session]:
    """Connect and open what a push needs; ``writing``: the caller holds the study's lock.

    ``order`` is taken in place of that of annotate.toml. Raises UsageError, ConfigError, BadInput,
    Refused, ServerFailure, IntegrityFailure, StorageFailure.
    """
    with ExitStack() as stack:
        passages = stack.enter_context(Passages(study))
        if not passages:
            raise ConfigError("this study has no passages", hint="run `annotate ingest` on sources with text")
        scheme = read_scheme(study.scheme_dir)
        chosen = stack.enter_context(Chosen(study, study.config.pass_settings(PASS).suggest))
        unknown = chosen.labels - {label.name for label in scheme.labels_of(PASS)}
        if unknown:
            raise ConfigError(
                f"suggestions use labels that the scheme does not have: {', '.join(sorted(unknown))}",
                hint="map them with `annotate suggest --map OLD=NEW`",
            )
        index = stack.enter_context(open_index(study, writing=writing))
        server = connect(study)
        stack.callback(server.close)
        types = frozenset(one.name for one in scheme.relations_of(PASS))
        wishes = queue_settings(study, order)
        yield Session(study, server, scheme, passages, chosen, index, wishes, relation_types=types)


def queue_settings(study: Study, order: str | None = None) -> QueueSettings:
    """The queue that annotate.toml asks for. Raises UsageError where ``order`` is none."""
    settings = study.config.pass_settings(PASS).queue()
    if order is None:
        return settings
    settings = replace(settings, order=order)
    wrong = list(faults(settings))
    if wrong:
        raise UsageError(wrong[0])
    return settings


def make_plan(session: Session) -> PushPlan:
    """Compare study, ledger and server. Raises ConfigError, Conflict, Refused, ServerFailure."""
    from annotate.doccano import campaign

    study, server = session.study, session.server
    users = campaign.user_ids(server)
    _require_accounts(study, users)
    remotes = campaign.find_projects(
        server, study.config.study.id, PASS, known=frozenset(session.index.projects)
    )
    plans = [
        _plan_project(session, annotator, remotes.get(annotator.user))
        for annotator in study.config.annotators
    ]
    problems = tuple(problem for plan in plans for problem in plan.passages.problems)
    return PushPlan(server_name(study), tuple(queued(session, plans)), problems)


def _require_accounts(study: Study, users: Mapping[str, int]) -> None:
    missing = [one.user for one in study.config.annotators if one.user not in users]
    if missing:
        raise ConfigError(
            f"the server has no account for {', '.join(missing)}",
            hint="make one with `annotate server add-user NAME`, or ask the server's administrator",
        )


def _plan_project(session: Session, annotator: Annotator, remote: Remote | None) -> ProjectPlan:
    from annotate.doccano import campaign

    guideline = session.scheme.guideline(PASS, annotator.language)
    name = f"{session.study.config.study.name[:60]} · {PASS} · {annotator.user}"[:100]
    known = _known_project(session, annotator, remote)
    if remote is None:
        all_types = campaign.plan_types(session.scheme, PASS, name, [], []).changes
        todo = PassagePlan(tuple(session.passages), (), 0, (), ())
        return ProjectPlan(
            annotator, name, None, False, True, guideline.text, guideline.sha256, False, all_types, todo
        )
    base = f"projects/{remote.project_id}"
    types = campaign.plan_types(
        session.scheme,
        PASS,
        remote.name,
        session.server.get_list(f"{base}/span-types"),
        session.server.get_list(f"{base}/relation-types"),
    )
    sketches = session.sketches(remote)
    todo = plan_passages(remote.name, session.passages, sketches, session.known(remote.marker.key))
    people = campaign.members(session.server, remote.project_id)
    members = _member_problems(session, remote, people, annotator)
    todo = replace(todo, problems=(*todo.problems, *members, *types.problems))
    return ProjectPlan(
        annotator=annotator,
        name=remote.name,
        remote=remote,
        known=known and not _scheme_is_new(session, remote, guideline.sha256),
        add_member=annotator.user not in people,
        guideline=guideline.text,
        guideline_sha256=guideline.sha256,
        update_guideline=_as_stored(remote.guideline) != _as_stored(guideline.text),
        types=types.changes,
        passages=todo,
    )


def _as_stored(guideline: str) -> str:
    # The server's text field comes back with LF line ends and without outer blanks.
    return guideline.replace("\r\n", "\n").strip()


def _known_project(session: Session, annotator: Annotator, remote: Remote | None) -> bool:
    """Whether the ledger knows the project; Conflict where ledger and server speak of different ones."""
    mine = [
        project
        for project in session.index.projects.values()
        if project.user == annotator.user
        and project.pass_name == PASS
        and project.server == server_name(session.study)
    ]
    if remote is not None and remote.marker.key in session.index.projects:
        return True
    if mine:
        where = "has another project under its marker" if remote else "does not have it any more"
        raise Conflict(
            f"the ledger knows project {mine[-1].project_id} of {annotator.user!r}, and the server {where}",
            hint="is this the server that was pushed to? If so restore its backup; to begin again on an "
            "empty one, move corpus/ledger and corpus/snapshots away first",
        )
    return False


def _scheme_is_new(session: Session, remote: Remote, guideline_sha256: str) -> bool:
    pushed = session.index.projects[remote.marker.key].scheme
    return pushed is None or (pushed.sha256, pushed.guideline_sha256) != (
        session.scheme.sha256,
        guideline_sha256,
    )


def _member_problems(
    session: Session, remote: Remote, people: Mapping[str, str], annotator: Annotator
) -> Iterator[Problem]:
    from annotate.doccano import campaign

    yield from campaign.settings_problems(remote)
    for user in sorted(people.keys() - {annotator.user, session.server.user}):
        yield Problem(
            remote.name,
            0,
            f"{user!r} is a member of {annotator.user!r}'s project and can see its labels",
            "remove that member on the server, or the labels are not independent",
        )


def read_sketches(server: Transport, remote: Remote) -> Iterator[Sketch]:
    """A project's examples, one at a time, from one export.

    Raises ConfigError for a Doccano that needs assignments.
    """
    from annotate.doccano import archive, campaign

    page = server.get(f"projects/{remote.project_id}/examples", {"limit": 1})
    if any(campaign.examples_have_assignments(example) for example in page.get("results", ())):
        raise ConfigError(
            "this server shows annotators only what was assigned to them (Doccano 1.8.5), "
            "which this version of annotate does not do",
            hint="use Doccano 1.8.4, for instance the embedded one",
        )
    return archive.sketches(server, remote.project_id)
