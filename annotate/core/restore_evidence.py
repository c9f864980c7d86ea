"""What was observed of things that vanished: the ground on which a cause is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotate.core.ledger import Line
from annotate.core.restored import Key
from annotate.core.state import Confirmation


@dataclass(frozen=True, slots=True)
class Look:
    """What a pull saw of a project: ids of its types, accounts that were members."""

    span_types: frozenset[int]
    relation_types: frozenset[int]
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Witness:
    """Type and account (ids) of a label, relation or confirmation when it was last seen; None: not told."""

    type_id: int | None = None
    account: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was observed. ``looks`` by (pull, project); witnesses by the key that a thing had on the server.

    ``accounts`` are those that the server knows now.
    """

    looks: Mapping[tuple[str, str], Look] = field(default_factory=dict)
    labels: Mapping[Key, Witness] = field(default_factory=dict)
    relations: Mapping[Key, Witness] = field(default_factory=dict)
    confirmations: Mapping[tuple[str, int, str], Witness] = field(default_factory=dict)
    withdrawn: tuple[tuple[Confirmation, str], ...] = ()
    accounts: frozenset[int] = frozenset()


def withdrawn(lines: Iterable[Line]) -> tuple[tuple[Confirmation, str], ...]:
    """Confirmations that are not there any more, with the transaction that noticed it."""
    given: dict[tuple[str, int, str], Confirmation] = {}
    gone: dict[tuple[str, int, str], str] = {}
    for line in lines:
        if line.event not in ("confirmed", "unconfirmed"):
            continue
        key = (line.data["project"], line.data["example"], line.data["user"])
        if line.event == "confirmed":
            given[key] = Confirmation(**line.data, seen_in=line.transaction)
            gone.pop(key, None)
        else:
            gone[key] = line.transaction
    return tuple((given[key], gone[key]) for key in sorted(gone))


def type_names(lines: Iterable[Line]) -> dict[str, list[tuple[int, dict[str, dict[str, int]]]]]:
    """By project: which type names had which ids, from which ledger line on; as pushes recorded them."""
    found: dict[str, list[tuple[int, dict[str, dict[str, int]]]]] = {}
    for line in lines:
        if line.event == "scheme_pushed":
            kinds = {
                kind: {name: int(key) for key, name in line.data[kind].items()}
                for kind in ("label_types", "relation_types")
            }
            found.setdefault(line.data["project"], []).append((line.seq, kinds))
    return found
