"""`annotate adjudicate`: from what annotators agree on, and what somebody decides, to gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotate.core.agreement import coverage
from annotate.flows.adjudicate.plan import StartPlan, make_plan, read_ground
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.flows.adjudicate.deciding import FinishReport
    from annotate.flows.adjudicate.offering import StartReport

Advance = Callable[[int, int], None]


def plan(study: Study, layers: Sequence[str] = ()) -> StartPlan:
    """What `start` would do now. Raises as ``start`` does."""
    return make_plan(study, read_ground(study), layers)


def start(
    study: Study, layers: Sequence[str] = (), *, advance: Advance = lambda done, total: None
) -> StartReport:
    """Record what all annotators of a passage agree on; put the rest into the adjudication project.

    Works on what was pulled last. Safe to repeat and to interrupt; a passage whose labels have changed
    since it was decided is offered again. Raises UsageError, ConfigError, Conflict, PartlyDone, Refused,
    ServerFailure, IntegrityFailure.
    """
    from annotate.flows.adjudicate.offering import apply_plan

    with study.writing("adjudicate"):
        ground = read_ground(study)
        return apply_plan(study, ground, make_plan(study, ground, layers), advance)


def finish(study: Study, *, advance: Advance = lambda done, total: None) -> FinishReport:
    """Read back what was confirmed there and record it. Raises ConfigError, and what pull raises."""
    from annotate.flows.adjudicate.deciding import finish as run

    return run(study, advance=advance)


@dataclass(frozen=True, slots=True)
class AdjudicationStatus:
    """Passages that two or more confirmed, and gold rows by (status, verdict) as last recorded."""

    passages: int
    undecided: int
    stale: int
    waiting: int
    gold: Mapping[str, int]


def status(study: Study) -> AdjudicationStatus:
    """How far adjudication is, from the ledger. Raises ConfigError, IntegrityFailure."""
    from annotate.core.adjudication.offer import is_stale
    from annotate.core.judgments import doubly_judged, judgments

    ground = read_ground(study)
    dataset, last = ground.dataset, ground.state.decisions.last
    doubly = dict(doubly_judged(judgments(dataset.assignments, dataset.labels, dataset.relations)))
    decided = {passage_id for passage_id, _ in last}
    stale = {key[0] for key, one in last.items() if is_stale(one, key[1], doubly.get(key[0], ()))}
    return AdjudicationStatus(
        passages=coverage(dataset).passages_by_several,
        undecided=len(doubly.keys() - decided),
        stale=len(stale),
        waiting=len({key[0] for key, one in last.items() if one.is_open}),
        gold=dict(sorted(Counter(f"{row.status}: {row.verdict or 'open'}" for row in dataset.gold).items())),
    )
