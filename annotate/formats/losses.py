"""The loss report: what each format of a dataset could not hold, as JSON and for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from annotate.formats.markdown import plain, table
from annotate.formats.writing import Loss

LOSSES_JSON = "losses.json"
LOSSES_MD = "LOSSES.md"


@dataclass(frozen=True, slots=True)
class FormatLosses:
    """A format of a dataset, its files, and what it could not hold (what concerns nothing is left out)."""

    name: str
    title: str
    files: tuple[str, ...]
    losses: tuple[Loss, ...]


def losses_bytes(found: Sequence[FormatLosses]) -> bytes:
    """losses.json."""
    report = {
        "formats": [
            {
                "format": one.name,
                "title": one.title,
                "files": list(one.files),
                "losses": [asdict(loss) for loss in one.losses],
            }
            for one in found
        ]
    }
    return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def losses_page(found: Sequence[FormatLosses]) -> bytes:
    """LOSSES.md."""
    parts = [
        "# What each format could not hold\n",
        "CSV holds everything. For the other formats this page counts the cells or rows of this dataset that",
        "they have no place for; `losses.json` says the same for programs.\n",
    ]
    for one in found:
        parts.append(f"## {plain(one.title)} (`{one.name}`)\n")
        rows = [(loss.what, loss.count, loss.why) for loss in one.losses]
        parts.extend(table(("what", "number", "why"), rows) if rows else ["Nothing is lost."])
        parts.append("")
    return ("\n".join(parts).rstrip("\n") + "\n").encode("utf-8")
