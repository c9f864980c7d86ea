"""The figures of a study: what a report shows, as tables; pure counts over the rows of a dataset."""

from annotate.core.figures.agreement import Agreement
from annotate.core.figures.figures import figures
from annotate.core.figures.material import Material, Step, steps
from annotate.core.figures.proportions import Interval, wilson
from annotate.core.figures.sheets import Column, Section, Sheet

__all__ = [
    "Agreement",
    "Column",
    "Interval",
    "Material",
    "Section",
    "Sheet",
    "Step",
    "figures",
    "steps",
    "wilson",
]
