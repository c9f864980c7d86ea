"""Words, patterns of words, and where they stand in a text: what the lexicons of a scheme are made of."""

from annotate.core.phrases.lexicon import Entry, Lexicon, parse_entries
from annotate.core.phrases.match import Match, Matcher
from annotate.core.phrases.patterns import Pattern, parse_pattern
from annotate.core.phrases.words import Word, words_of

__all__ = [
    "Entry",
    "Lexicon",
    "Match",
    "Matcher",
    "Pattern",
    "Word",
    "parse_entries",
    "parse_pattern",
    "words_of",
]
