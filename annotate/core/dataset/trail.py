"""When what was written to the ledger: one entry a transaction, without what was in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.ledger import Line


@dataclass(frozen=True, slots=True)
class Deed:
    """One transaction: its name (``pull-000002``), its verb, and when it was recorded (RFC 3339, UTC).

    ``sha256`` is over what it read: the list of files of a pull's snapshot, the file of an import. Empty
    for a verb that reads nothing. ``tool`` is what an imported file came from.
    """

    name: str
    verb: str
    at: str
    sha256: str = ""
    tool: str = ""


def trail_of(lines: Iterable[Line]) -> tuple[Deed, ...]:
    """The transactions of a ledger, in its order."""
    found: dict[str, Deed] = {}
    for line in lines:
        before = found.get(line.transaction)
        if before is None or line.event in _READ:
            digest, tool = _READ[line.event](line.data) if line.event in _READ else ("", "")
            verb = line.transaction.rpartition("-")[0] or line.transaction
            found[line.transaction] = Deed(line.transaction, verb, line.at, digest, tool)
    return tuple(found.values())


def _snapshot(data: dict[str, Any]) -> tuple[str, str]:
    return sha256_hex(canonical_json(data["files"])), ""


def _imported(data: dict[str, Any]) -> tuple[str, str]:
    return data["sha256"], data["tool"] or data["format"]


_READ = {"pulled": _snapshot, "labels_imported": _imported}


def last_recorded(trail: Iterable[Deed]) -> str:
    """The latest time on record: the day of a dataset, which knows no other. Empty without a ledger."""
    return max((deed.at for deed in trail), default="")
