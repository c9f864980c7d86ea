"""`annotate adjudicate finish`: read the adjudication project and record what was decided there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from annotate.core.adjudication.decided import ADJUDICATION, Decided, record_of_decision
from annotate.core.adjudication.judge import judge, outcomes
from annotate.core.errors import ConfigError, Problem
from annotate.core.ledger import Event
from annotate.core.state import State, fold
from annotate.flows import pull
from annotate.flows.connecting import server_name
from annotate.store.ledger import append, read_ledger
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FinishReport:
    """What was decided: passages now recorded, spans by (status, verdict), passages still waiting.

    ``pull`` is the snapshot that the decisions were read from, None when the server had nothing new.
    """

    pull: str | None
    decided: int
    spans: Mapping[str, int]
    waiting: int
    problems: tuple[Problem, ...]


def finish(study: Study, *, advance: Advance) -> FinishReport:
    """Pull the adjudication project and append a decision for each passage confirmed there anew.

    Repeated, it adds nothing. Raises ConfigError (nothing was started), and what pull raises.
    """
    state = fold(read_ledger(study))
    if not state.decisions.last:
        raise ConfigError("no adjudication was started", hint="run `annotate adjudicate start`")
    here = server_name(study)
    pulled: pull.PullReport | None = None
    if any(one.pass_name == ADJUDICATION and one.server == here for one in state.projects.values()):
        pulled = pull.pull(study, only_pass=ADJUDICATION, advance=advance)
    with study.writing("adjudicate"):
        state = fold(read_ledger(study))
        new = new_decisions(study, state)
        if new:
            events = [Event("passage_decided", record_of_decision(one)) for one in new]
            append(study, "adjudicate", events, after=state.head)
    return FinishReport(
        pull=pulled.pull if pulled else None,
        decided=len(new),
        spans=dict(sorted(Counter(_kind(one) for each in new for one in each.spans).items())),
        waiting=_waiting(state, new),
        problems=pulled.problems if pulled else (),
    )


def _kind(one: object) -> str:
    verdict = getattr(one, "verdict", "") or "open"
    return f"{getattr(one, 'status', '')}: {verdict}"


def new_decisions(study: Study, state: State) -> list[Decided]:
    """Decisions of confirmed passages that the ledger does not have as they are now."""
    layers = {label.name: label.layer for label in read_scheme(study.scheme_dir).labels}
    made = (judge(offer, outcome) for offer, outcome in outcomes(state, layers))
    return [one for one in made if not _is_known(state, one)]


def _is_known(state: State, made: Decided) -> bool:
    """Whether just this is in force on all its layers."""
    last = {state.decisions.last[made.passage_id, layer].transaction for layer in made.layers}
    known = [state.decisions.last[made.passage_id, layer] for layer in made.layers]
    return len(last) == 1 and record_of_decision(known[0]) == record_of_decision(made)


def _waiting(state: State, new: list[Decided]) -> int:
    now = {one.passage_id for one in new}
    return len({key[0] for key, one in state.decisions.last.items() if one.is_open} - now)
