"""`annotate push`: make or extend the campaign of one pass. Plan by reading, then apply; safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError
from annotate.flows.push.plan import PushPlan, make_plan, open_session
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.flows.push.apply import PushReport

Advance = Callable[[int, int], None]


def plan(study: Study, *, order: str | None = None) -> PushPlan:
    """What a push would do now; ``order`` in place of annotate.toml's.

    Raises UsageError, ConfigError, Refused, ServerFailure, Conflict.
    """
    _require_annotators(study)
    with open_session(study, writing=False, order=order) as session:
        return make_plan(session)


def push(
    study: Study, *, order: str | None = None, advance: Advance = lambda done, total: None
) -> PushReport:
    """Bring the campaign up to the study; ``order`` in place of annotate.toml's.

    Raises UsageError, ConfigError, Refused, ServerFailure, Conflict (something differs on the server;
    everything else was done), PartlyDone (the server refused rows or dropped suggestions).
    """
    from annotate.flows.push.apply import apply_plan

    _require_annotators(study)
    with study.writing("push"), open_session(study, writing=True, order=order) as session:
        return apply_plan(session, make_plan(session), advance)


def _require_annotators(study: Study) -> None:
    if not study.config.annotators:
        raise ConfigError(
            "annotate.toml names no annotators", hint="add one [[annotators]] table for each person"
        )
