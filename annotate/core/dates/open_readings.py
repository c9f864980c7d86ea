"""Readers of expressions that are relative, partial, or no point in time at all.

They only say what was said (an ``Ask``, or a value); ``resolve`` finds out what it means. The groups
of a rule's pattern name the fields, the rule's ``ask`` table gives constants; both may be absent.
"""

from __future__ import annotations

import re
from typing import Any

from annotate.core.dates.ask import Ask
from annotate.core.dates.grammar import Grammar, Rule, fold
from annotate.core.dates.readings import Reading, claimed

_TIMES = {"MO", "AF", "EV", "NI", "DT", "MI"}
_SAME = {
    "unitword": "unit",
    "unitlang": "unit",
    "dayparts": "daypart",
    "daily": "daypart",
    "stem": "num",
    "period": "unit",
    "units": "unit",
    "fullmonth": "month",
    "dayname": "weekday",
    "back": "direction",
}

_SECOND = ("num2", "unit2")
_ASKED = frozenset(Ask._fields)


def read_open(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """Any expression that ``resolve`` has to place in time."""
    said = _said(match, grammar)
    ask = _ask(said, grammar, rule)
    if ask is None:
        return ()
    mod = said.get("part") or said.get("more") or ""
    kind = "TIME" if ask.clock else str(rule.ask.get("type", "DATE"))
    return (Reading(*claimed(match), "", None, mod=mod, ask=ask, timex_type=kind),)


def read_fixed(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """Words that mean the same everywhere: ``now`` is PRESENT_REF, ``daily`` the set P1D."""
    said = _said(match, grammar)
    value = str(rule.ask.get("value") or said.get("ref") or said.get("set") or "")
    kind = str(rule.ask.get("type", "DATE"))
    return (Reading(*claimed(match), value, None, timex_type=kind),)


def read_duration(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """How long: ``P5Y``; an unknown number is X. Two units are joined (``P3Y9M``)."""
    said = _said(match, grammar)
    unit = str(rule.ask.get("unit") or said.get("unit") or "")
    number = str(rule.ask.get("num") or said.get("num") or "X")
    kind = str(rule.ask.get("type", "DURATION"))
    if "half_more" in said and number != "X":  # "two and a half years"
        number = f"{float(number) + 0.5:g}"
    value = amount(number, unit)
    if value is None:
        return ()
    if "unit2" in said:
        second = amount(said.get("num2", "X"), said["unit2"])
        value += (second or "").lstrip("PT")
    mod = said.get("more", "")
    return (Reading(*claimed(match), value, None, mod=mod, timex_type=kind),)


def read_ago(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """ "vor fünf Jahren" after It-TimeML: the duration is marked; what it leads to is asked as well."""
    (reading,) = read_duration(match, grammar, rule) or (None,)
    ask = _ask(_said(match, grammar), grammar, rule)
    if reading is None:
        return ()
    return (reading._replace(ask=ask if ask is not None and ask.n is not None else None),)


def read_durations(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """Two lengths with one unit, "between 60 and 90 days": one duration each."""
    said = _said(match, grammar)
    ends = (("first", said.get("num", "X")), ("last", said.get("num2", "X")))
    values = [(match.span(name), amount(number, said["unit"])) for name, number in ends]
    return tuple(
        Reading(*span, value, None, timex_type="DURATION") for span, value in values if value is not None
    )


def amount(number: str, unit: str) -> str | None:
    """The TIMEX3 duration; weekends and decades have units of their own, hours stand after T."""
    if number != "X":
        try:
            parsed = float(number.replace(",", "."))
        except ValueError:
            return None
        if parsed > 1_000_000:
            return None
        number = f"{parsed:g}"
    if unit == "FN":
        return "P2W" if number == "1" else f"P{number}W"
    if unit in ("H", "MIN", "S"):
        return f"PT{number}{unit[0]}"
    if unit in _TIMES:
        return f"PT{number}{unit}"
    return f"P{number}{unit}"


def _said(match: re.Match[str], grammar: Grammar) -> dict[str, str]:
    """Codes of the words, and the figures, that the groups of a match hold."""
    said: dict[str, str] = {}
    for name, text in match.groupdict().items():
        bare = name.rstrip("0123456789")
        if text is None or bare == "span":
            continue
        table = grammar.tables.get(bare)
        # "num2" beside "num" stays a second number; "day2" alone is the other way to write a day.
        name = name if name in _SECOND and name[:-1] in said else _SAME.get(bare, bare)
        words = fold(" ".join(text.split()))
        if table is None:
            said[name] = words
        elif words in table:
            said[name] = table[words]
        elif words.replace(",", ".").replace(".", "").isdigit():
            said[name] = words.replace(",", ".")
        else:
            said[name] = table.get(words.replace("-", " "), "X")
    return said


def _ask(said: dict[str, str], grammar: Grammar, rule: Rule) -> Ask | None:
    constants = {key: value for key, value in rule.ask.items() if key in _ASKED}
    found: dict[str, Any] = {}
    for name in ("unit", "season", "holiday"):
        if name in said:
            found[name] = said[name]
    for name in ("year", "month", "day", "weekday", "quarter", "half", "direction"):
        if name in said and said[name].lstrip("-").isdigit():
            found[name] = int(said[name])
    if "mm" in said:
        found["month"] = int(said["mm"])
    if "sign" in rule.ask:
        number = said.get("num", "X")
        found["n"] = None if number == "X" else float(number) * float(rule.ask["sign"])
    elif constants.get("n") is None and found.get("unit", constants.get("unit")) and "direction" in found:
        found["n"] = float(str(found.pop("direction")))
    if "nth" in said:
        found["n"] = float(grammar.tables["ordinal"].get(said["nth"], "-1"))
        found["unit"] = "W"
    clock = _clock(said, rule)
    if clock is False:
        return None
    if isinstance(clock, str):
        found["clock"] = clock
    return Ask(**(constants | found))


def _clock(said: dict[str, str], rule: Rule) -> str | bool | None:
    """The time of day as TIMEX3; None where none was said, False where no clock shows it."""
    if "hour" not in said:
        if "daypart" in said:
            return f"T{said['daypart']}"
        return str(rule.ask["clock"]) if "clock" in rule.ask else None
    if said.get("daypart") in ("AF", "EV") and int(said["hour"]) < 12:
        said["ampm"] = "pm"
    hour, minute = int(said["hour"]), int(said.get("minute", "0"))
    half = said.get("ampm", "")
    if (half and not 1 <= hour <= 12) or hour > 24:
        return False
    if half == "pm":
        hour = hour % 12 + 12
    elif half == "am":
        hour %= 12
    seconds = f":{int(said['second']):02d}" if "second" in said else ""
    return f"T{hour:02d}:{minute:02d}{seconds}{'Z' if 'utc' in said else ''}"
