"""Anniversaries: which celebration is meant, and the year that it implies.

"the 80th anniversary" told in 2025 is the year 2025 and implies 1945. Where the text gives the base
day next to it ("the 80th anniversary, on August 15, 1945, of ..."), ``checks`` compares the two.
"""

from __future__ import annotations

import re

from annotate.core.dates.ask import Ask
from annotate.core.dates.grammar import Grammar, Rule, fold
from annotate.core.dates.readings import Reading, claimed


def read_anniversary(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """The year of the celebration; ``ordinal`` says which one it is."""
    groups = match.groupdict()
    number = _number(groups.get("nth"), groups.get("ordinal"), groups.get("ordinals"), grammar)
    if number is None and "jubilee" in groups and groups["jubilee"]:
        number = int(grammar.tables["jubilee"].get(fold(groups["jubilee"]), "0")) or None
    if number is None or not 0 < number <= 3000:
        return ()
    ask = Ask(base="said", unit="Y", n=0)
    return (Reading(*claimed(match), "", None, ask=ask)._replace(ordinal=number),)


def _number(figure: str | None, word: str | None, compound: str | None, grammar: Grammar) -> int | None:
    if figure:
        digits = re.match("[0-9]{1,4}", figure)
        return int(digits.group()) if digits else None
    for text in (word, compound):
        code = grammar.tables.get("ordinal", {}).get(fold(" ".join(text.split()))) if text else None
        if code and code.isdigit():
            return int(code)
    return None
