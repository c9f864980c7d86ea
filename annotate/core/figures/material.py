"""What the figures are counted from: a dataset, the body text of its sources, and the ledger by pull."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from annotate.core.adjudication.labelling import labelling_state
from annotate.core.dataset.rows import Dataset
from annotate.core.errors import Problem
from annotate.core.fate import confirmation_of
from annotate.core.figures.agreement import Agreement
from annotate.core.ledger import Line
from annotate.core.offsets import Range
from annotate.core.state import State, fold


@dataclass(frozen=True, slots=True)
class Step:
    """How far one annotator was at one pull: passages given to them and confirmed by then."""

    pull: str
    at: str
    pass_name: str
    annotator: str
    given: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a report is made from.

    ``body`` maps a source file to the ranges of its body segments (code points of the decoded source).
    ``problems`` are faults of the corpus. ``agreement`` is what `annotate.core.agreement` found.
    """

    dataset: Dataset
    steps: tuple[Step, ...] = ()
    body: Mapping[str, tuple[Range, ...]] = field(default_factory=dict)
    agreement: tuple[Agreement, ...] = ()
    why_no_agreement: str = ""
    problems: tuple[Problem, ...] = ()


def steps(lines: Iterable[Line], who: Callable[[str], str]) -> tuple[Step, ...]:
    """One step for each annotator at each pull, oldest first; ``who`` names accounts as the dataset does."""
    found: list[Step] = []
    state = State()
    for transaction, group in groupby(lines, key=lambda line: line.transaction):
        own = list(group)
        fold(own, state)
        pulled = next((line for line in own if line.event == "pulled"), None)
        if pulled:
            # Adjudication has projects too; what is done there is no progress of labelling.
            found.extend(_steps_at(labelling_state(state), transaction, pulled.at, who))
    return tuple(found)


def _steps_at(state: State, pull: str, at: str, who: Callable[[str], str]) -> list[Step]:
    given: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for key, pushed in state.passages.items():
        if pushed.vanished_in:
            continue
        given[pushed.project] += 1
        confirmed[pushed.project] += confirmation_of(state, key) is not None
    people = sorted(
        (project.pass_name, who(project.user), project.project) for project in state.projects.values()
    )
    return [Step(pull, at, name, user, given[key], confirmed[key]) for name, user, key in people]
