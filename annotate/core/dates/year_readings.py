"""Readers of years told in another way: two digits, decades and centuries in words, quarters."""

from __future__ import annotations

import re

from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.dates.grammar import Grammar, Rule, fold
from annotate.core.dates.notation import edtf_of
from annotate.core.dates.readings import Reading, claimed

# Two digits up to this are of the century that we live in ("'05"), the others of the one before.
_PIVOT = 40


def full_year(digits: str) -> int:
    """``82`` as 1982, ``05`` as 2005."""
    short = int(digits)
    return 2000 + short if short < _PIVOT else 1900 + short


def _word(match: re.Match[str], grammar: Grammar, name: str) -> str | None:
    """The code of the word in group ``name`` (or ``name2``), None where it is absent."""
    for group in (name, f"{name}2"):
        if group in match.re.groupindex and match[group] is not None:
            words = fold(" ".join(match[group].split()))
            return grammar.tables.get(name, {}).get(words, words)
    return None


def read_sub_year(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """A quarter or half of a year that is told: ``2005-Q4``, ``2011-H1``."""
    year, quarter = _word(match, grammar, "year"), _word(match, grammar, "quarter")
    half = _word(match, grammar, "half")
    value = f"{year}-Q{quarter}" if quarter else f"{year}-H{half}"
    edtf = edtf_of(value)
    return (Reading(*claimed(match), value, edtf),) if edtf else ()


def read_short_year(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """``'82``, ``May '68``, ``8.5.45``: the year of the last hundred years that it must be."""
    digits = _word(match, grammar, "yy") or ""
    value = f"{full_year(digits):04d}"
    month = _word(match, grammar, "month") or _word(match, grammar, "mm")
    day = _word(match, grammar, "day")
    if month:
        value += f"-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
    other = f"{int(value[:4]) - 100:04d}{value[4:]}"
    if not edtf_is_valid(value):
        return ()
    # With a day the century is beyond doubt in most texts; alone it is as often another one.
    others = (other,) if edtf_is_valid(other) and int(digits) >= _PIVOT - 15 and int(digits) < _PIVOT else ()
    return (Reading(*claimed(match), value, value, others),)


def read_short_decade(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """``the '60s``, ``the eighties``, ``die 60er Jahre``: of the last century, unless another is said."""
    digits = _word(match, grammar, "decade") or _word(match, grammar, "decadeword") or ""
    if len(digits) == 4:
        stem = digits[:3]
    else:
        century = _word(match, grammar, "nineteen") or ("20" if digits in ("00", "10") else "19")
        stem = century + digits[0]
    part = _word(match, grammar, "part")
    return (Reading(*claimed(match), stem, f"{stem}X", mod=part or ""),)


def read_century(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """``the 19th century``, ``the nineteenth century``, halves and parts of it."""
    said = _word(match, grammar, "ordinal") or _word(match, grammar, "century") or "0"
    if not said.isdigit() or not 1 <= int(said) <= 30:
        return ()
    value, half = f"{int(said) - 1:02d}", _word(match, grammar, "half")
    edtf = half_century(value, half) if half else f"{value}XX"
    mod = {"1": "START", "2": "END"}.get(half or "", "") or _word(match, grammar, "part") or ""
    return (Reading(*claimed(match), value, edtf, mod=mod),)


def half_century(value: str, half: str) -> str:
    """The years of the first or second half of a century, as an interval: ``1900/1949``."""
    return f"{value}00/{value}49" if half == "1" else f"{value}50/{value}99"


def read_slashed_short(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """``7/8/07``: day first or month first, both if both are days."""
    year, a, b = full_year(match["yy"]), int(match["a"]), int(match["b"])
    both = (f"{year:04d}-{b:02d}-{a:02d}", f"{year:04d}-{a:02d}-{b:02d}")
    values = list(dict.fromkeys(value for value in both if edtf_is_valid(value)))
    return (Reading(*claimed(match), values[0], values[0], tuple(values[1:])),) if values else ()
