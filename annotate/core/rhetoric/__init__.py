"""Twelve kinds of rhetoric, by lexicon and by structure: precision first."""

from annotate.core.rhetoric.figures import LABELS, Figure
from annotate.core.rhetoric.find import RhetoricRules

__all__ = ["LABELS", "Figure", "RhetoricRules"]
