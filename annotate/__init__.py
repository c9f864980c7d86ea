"""Source-criticism annotation on Doccano: sources in, people label, traceable datasets out."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotate.flows.loading import Dataset

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(folder: str | PathLike[str]) -> Dataset:
    """The dataset in a folder that `annotate export` wrote: typed pandas frames and spaCy Docs.

    Needs nothing but the folder. Raises ``annotate.core.errors.UsageError`` where there is no dataset,
    ``BadInput`` where it cannot be read.
    """
    # pandas loads here, not when the command line starts.
    from annotate.flows.loading import load as load_folder

    return load_folder(folder)
