"""Phrases that an outlet repeats from document to document: found by counting, without a list."""

from annotate.core.formulas.count import CorpusText, Counts, count_phrases
from annotate.core.formulas.find import Repeated, find_repeated

__all__ = ["CorpusText", "Counts", "Repeated", "count_phrases", "find_repeated"]
