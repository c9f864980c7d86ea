"""What `annotate adjudicate start` would do: from the ledger and the server, changing nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotate.core.adjudication.decided import ADJUDICATION, Decided
from annotate.core.adjudication.offer import Todo, blind_names, comment_on, due, mark
from annotate.core.dataset import Dataset
from annotate.core.errors import ConfigError, Conflict, Problem, UsageError
from annotate.core.judgments import LABELLING, judgments
from annotate.core.model import Passage
from annotate.core.scheme import Scheme
from annotate.core.sketch import Sketch
from annotate.core.state import State, fold
from annotate.flows.connecting import connect, server_name
from annotate.flows.derived import derive_now
from annotate.store.config import AdjudicationSection
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.adjudicating import Offering
    from annotate.doccano.campaign import Remote
    from annotate.doccano.transport import Transport


@dataclass(frozen=True, slots=True)
class Offered:
    """A decision to be asked for, what is shown for it, and the example where the passage is there."""

    decided: Decided
    offering: Offering
    sketch: Sketch | None


@dataclass(frozen=True, slots=True)
class StartPlan:
    """``unanimous`` needs nobody; ``offers`` go to the adjudicator; ``settled`` counts what holds."""

    unanimous: tuple[Decided, ...]
    offers: tuple[Offered, ...]
    settled: int
    problems: tuple[Problem, ...]
    remote: Remote | None
    server: Transport | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.unanimous or self.offers)


@dataclass(frozen=True, slots=True)
class Ground:
    """What adjudication is decided on: the ledger's state, scheme, and the texts of passages."""

    state: State
    scheme: Scheme
    dataset: Dataset
    passages: Mapping[str, Passage]


def read_ground(study: Study) -> Ground:
    """Derive what everybody said, with account names. Raises ConfigError, IntegrityFailure."""
    lines = read_ledger(study)
    dataset, scheme = derive_now(study, lines, names=True)
    state = fold(lines)
    # Its passage as it was pushed: labels stand on that text, whatever the build has now.
    passages = {one.passage.passage_id: one.passage for one in state.passages.values()}
    return Ground(state, scheme, dataset, passages)


def make_plan(study: Study, ground: Ground, layers: Sequence[str]) -> StartPlan:
    """Raises UsageError (layer), ConfigError (no adjudicator), Conflict, Refused, ServerFailure."""
    known = ground.scheme.pass_of(LABELLING).layers
    for layer in layers:
        if layer not in known:
            raise UsageError(f"the scheme has no layer {layer!r}", hint=f"it has {', '.join(known)}")
    dataset = ground.dataset
    judged = judgments(dataset.assignments, dataset.labels, dataset.relations)
    todo = due(judged, ground.state.decisions, layers or known, ground.scheme)
    if not todo.offers:
        return StartPlan(todo.unanimous, (), todo.settled, (), None, None)
    judge = _adjudicator(study)
    server = connect(study)
    remote = find_desk(study, server, ground.state, judge)
    return _with_sketches(study, ground, todo, remote, server)


def _adjudicator(study: Study) -> AdjudicationSection:
    judge = study.config.adjudication
    if judge is None:
        raise ConfigError(
            "annotators differ, and annotate.toml names nobody who decides",
            hint='add [adjudication] with user = "…": an account that is none of the annotators',
        )
    return judge


def find_desk(study: Study, server: Transport, state: State, judge: AdjudicationSection) -> Remote | None:
    """The adjudication project, None before the first offer. Raises ConfigError, Conflict."""
    from annotate.doccano import campaign

    if judge.user not in campaign.user_ids(server):
        raise ConfigError(
            f"the server has no account for the adjudicator {judge.user!r}",
            hint="make one with `annotate server add-user NAME`, or ask the server's administrator",
        )
    study_id = study.config.study.id
    found = campaign.find_projects(server, study_id, ADJUDICATION, known=frozenset(state.projects))
    remote = found.get(judge.user)
    here = server_name(study)
    known = [one for one in state.projects.values() if one.pass_name == ADJUDICATION and one.server == here]
    mine = [one for one in known if one.user == judge.user]
    if mine and (remote is None or remote.marker.key not in state.projects):
        raise Conflict(
            f"the ledger knows adjudication project {mine[-1].project_id}, and the server does not have it",
            hint="is this the server that was pushed to? If so restore its backup",
        )
    if remote is not None:
        _require_private(server, remote, judge.user)
    return remote


def _require_private(server: Transport, remote: Remote, judge: str) -> None:
    """Everybody's labels stand there: nobody but the adjudicator may be a member."""
    from annotate.doccano import campaign

    others = sorted(campaign.members(server, remote.project_id).keys() - {judge, server.user})
    problems = [
        *campaign.settings_problems(remote),
        *(
            Problem(
                remote.name, 0, f"{user!r} is a member and can see everybody's labels", "remove that member"
            )
            for user in others
        ),
    ]
    if problems:
        raise Conflict(
            "the adjudication project is not as it was made, so nothing was sent", problems=problems
        )


def _with_sketches(
    study: Study, ground: Ground, todo: Todo, remote: Remote | None, server: Transport
) -> StartPlan:
    from annotate.flows.push.plan import read_sketches

    there: dict[str, Sketch] = {}
    if remote is not None:
        for one in read_sketches(server, remote):
            there.setdefault(one.passage_id or "", one)
    offers: list[Offered] = []
    problems: list[Problem] = []
    for decided in todo.offers:
        passage = ground.passages[decided.passage_id]
        sketch = there.get(passage.passage_id)
        problem = _problem(ground.state, remote, passage, sketch)
        if problem:
            problems.append(problem)
        else:
            offers.append(Offered(decided, _offering(study, ground, decided, sketch), sketch))
    return StartPlan(todo.unanimous, tuple(offers), todo.settled, tuple(problems), remote, server)


def _problem(state: State, remote: Remote | None, passage: Passage, sketch: Sketch | None) -> Problem | None:
    shown = remote.name if remote else ADJUDICATION
    subject = f"passage {passage.passage_id} ({passage.source_file})"
    known = remote is not None and any(
        key == remote.marker.key and one.passage.passage_id == passage.passage_id
        for (key, _), one in state.passages.items()
    )
    if sketch is None and known:
        what = "was offered before and is no longer on the server"
        return Problem(shown, 0, what, "somebody deleted it there; restore the server's backup", subject)
    if sketch is not None and sketch.text != passage.text:
        what = f"example {sketch.example} has another text than the study"
        return Problem(shown, 0, what, "somebody edited it on the server; put the text back", subject)
    return None


def _offering(study: Study, ground: Ground, decided: Decided, sketch: Sketch | None) -> Offering:
    """What to show. Of an offer that is made again only what is new: what was refused stays refused."""
    from annotate.doccano.adjudicating import Offering

    judge = _adjudicator(study)
    pseudonyms = {one.user: one.pseudonym for one in study.config.annotators}
    names = (
        blind_names(decided)
        if judge.blind
        else {user: pseudonyms.get(user, user) for user in decided.annotators}
    )
    before = ground.state.decisions.offers.get(decided.passage_id, {}) if sketch else {}
    old_spans = {one.span for offer in before.values() for one in offer.spans}
    old_links = {one.link for offer in before.values() for one in offer.links}
    passage = ground.passages[decided.passage_id]
    spans = [one.span for one in decided.spans if one.span not in old_spans]
    links = [one.link for one in decided.links if one.link not in old_links]
    ends = {end for link in links for end in (link.source, link.target)}
    return Offering(
        passage=passage,
        spans=tuple(dict.fromkeys([*spans, *sorted(ends)])),
        links=tuple(links),
        comment=comment_on(decided, passage.text, names),
        mark=mark(decided),
    )
