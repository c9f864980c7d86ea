"""A dataset: what a researcher gets. Derived from ledger and corpus, never edited."""

from annotate.core.dataset.derive import derive
from annotate.core.dataset.inputs import Acquisition, Inputs, Person, Vocabulary
from annotate.core.dataset.rows import ROW_TYPES, Cell, Dataset, Row, cell_text, cells, columns

__all__ = [
    "ROW_TYPES",
    "Acquisition",
    "Cell",
    "Dataset",
    "Inputs",
    "Person",
    "Row",
    "Vocabulary",
    "cell_text",
    "cells",
    "columns",
    "derive",
]
