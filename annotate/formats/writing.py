"""What a writer of a format gets, and what it gives back.

A writer is ``write(material, folder) -> losses``: a module of ``annotate.formats.writers`` (or, where it
needs spaCy, of ``annotate.nlp``). It writes its files below ``folder``, the root of the dataset in the
making, and says what its format could not hold. Same material, same bytes: no clock, no random ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from annotate.core.agreement import AgreementRow
from annotate.core.dataset import Dataset
from annotate.core.dataset.losses import Loss
from annotate.core.scheme import Scheme
from annotate.formats.package import Record

__all__ = ["Loss", "Material", "Writer"]


@dataclass(frozen=True, slots=True)
class Material:
    """A dataset to be written: its tables after selection, its record, the scheme of its labels.

    ``agreement`` was measured on the full texts, which ``dataset`` may lack; None where the selection
    forbids it.
    """

    dataset: Dataset
    record: Record
    scheme: Scheme
    agreement: tuple[AgreementRow, ...] | None = ()


Holds = Literal["rows", "quotes", "texts"]
"""What of a text that may not be passed on a format gets; see ``annotate.flows.formats.Format``."""
Writer = Callable[[Material, Path], tuple[Loss, ...]]
