"""What a study asks of its queue, and what the ledger says of one passage in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

Order = Literal["source", "uncertainty", "diversity", "balanced", "random"]
ORDERS: Final[tuple[str, ...]] = get_args(Order)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How passages are queued; the defaults are everything to everybody, in the order of the build.

    ``control_share`` of the passages go out without suggestions. ``overlap_share`` of them go to
    ``overlap_annotators`` people (0: to all), each of the others to one. ``seed`` decides which.
    """

    order: str = "source"
    seed: int = 0
    control_share: float = 0.0
    overlap_share: float = 1.0
    overlap_annotators: int = 0

    @property
    def deals(self) -> bool:
        """Whether some annotators get less than everything."""
        return self.overlap_share < 1.0 or self.overlap_annotators > 0


@dataclass(frozen=True, slots=True)
class Queued:
    """A passage's place in one annotator's project.

    ``rank`` counts from 1 in the order in which the project shows its passages, None where it is not
    known (see ``adopted``). ``control`` None: no lottery was held when it was pushed.
    """

    order: str
    rank: int | None
    reason: str
    control: bool | None


def adopted(settings: QueueSettings, control: bool) -> Queued | None:
    """What is known of a passage that an interrupted push under ``settings`` left on the server."""
    if settings == QueueSettings():
        return None
    why = "an earlier push had sent it and was interrupted"
    return Queued(settings.order, None, why, control if settings.control_share else None)


def faults(settings: QueueSettings) -> Iterator[str]:
    """What is wrong with settings, as ends of sentences that begin with the name of a key."""
    if settings.order not in ORDERS:
        yield f"order {settings.order!r} is none of {', '.join(ORDERS)}"
    for name in ("control_share", "overlap_share"):
        if not 0.0 <= getattr(settings, name) <= 1.0:
            yield f"{name} must lie between 0 and 1"
    if settings.overlap_annotators < 0 or settings.overlap_annotators == 1:
        yield "overlap_annotators must be 0 (all of them) or at least 2"
