"""Read labels that other tools exported; each reader gives every fault of a file, not the first only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from annotate.core.imports.foreign import ForeignFile
from annotate.formats.foreign import brat, cas, doccano, label_studio, prodigy
from annotate.formats.foreign.given import Given

READERS: Final[dict[str, Callable[[Given], ForeignFile]]] = {
    "doccano": doccano.read,
    "prodigy": prodigy.read,
    "label-studio": label_studio.read,
    "brat": brat.read,
    "cas": cas.read,
}
"""Format name, as ``--format`` has it, to its reader."""
