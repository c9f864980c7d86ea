"""brat's standoff: ``name.ann`` beside ``name.txt``. Offsets are code points of the text."""

from __future__ import annotations

import re
from typing import Final

from annotate.core.imports.foreign import ForeignFile, ForeignLabel, ForeignRelation, ForeignText
from annotate.formats.foreign.given import Gathered, Given, Unfit, label_name, whole_number

_TEXT_BOUND: Final = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)\Z", re.ASCII)
_RELATION: Final = re.compile(r"(\S+) Arg1:(\S+) Arg2:(\S+)\Z")
_PASSED_OVER: Final = {
    "A": "attributes",
    "M": "attributes",
    "E": "events",
    "N": "normalisations",
    "#": "notes",
    "*": "equivalences",
}


def read(given: Given) -> ForeignFile:
    """Read a pair of files; text bounds and relations count, the rest is passed over and counted."""
    gathered = Gathered(given)
    try:
        text = (given.text_data or b"").decode("utf-8")
        lines = given.data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        gathered.is_broken(0, f"it, or the text beside it, is not UTF-8: {error.reason}")
        return gathered.finish("brat", "brat", "code-points")
    labels: list[ForeignLabel] = []
    relations: list[ForeignRelation] = []
    places: dict[str, int] = {}
    for number, row in enumerate(lines, 1):
        try:
            _add_row(gathered, number, row.rstrip("\r"), labels, relations, places)
        except Unfit as error:
            gathered.is_broken(number, str(error))
    gathered.texts.append(
        ForeignText(
            text=text,
            line=1,
            names=(f"{given.stem}.txt", given.stem),
            labels=tuple(labels),
            relations=tuple(relations),
            lines=places,
        )
    )
    return gathered.finish("brat", "brat", "code-points")


def _add_row(
    gathered: Gathered,
    number: int,
    row: str,
    labels: list[ForeignLabel],
    relations: list[ForeignRelation],
    places: dict[str, int],
) -> None:
    if not row.strip():
        return
    kind = row[0]
    if kind in _PASSED_OVER:
        gathered.passed_over[_PASSED_OVER[kind]] += 1
        return
    key, _, rest = row.partition("\t")
    if kind not in "TR" or not key[1:].isdecimal():
        raise Unfit(f"is no line of brat: {row[:40]!r}")
    if key in places:
        raise Unfit(f"{key} is there twice, first in line {places[key]}")
    places[key] = number
    if kind == "R":
        relations.append(_relation(key, rest))
    else:
        label = _text_bound(gathered, number, key, rest)
        labels.extend([label] if label else [])


def _text_bound(gathered: Gathered, number: int, key: str, rest: str) -> ForeignLabel | None:
    where, tab, quote = rest.partition("\t")
    found = _TEXT_BOUND.match(where)
    if not found:
        raise Unfit(f"{key} has no name and range: {where[:40]!r}")
    name = label_name(found[1])
    if ";" in found[2]:
        gathered.leave_out(
            number, "stands on several stretches of text; here a label has one", f"{name} {key}"
        )
        return None
    start, end = (whole_number(_int(one), "an offset") for one in found[2].split(" "))
    return ForeignLabel(key, name, start, end, quote if tab else None)


def _int(digits: str) -> int:
    # int() refuses longer ones with words about its own limits.
    if len(digits) > 20:
        raise Unfit(f"an offset is a number of {len(digits)} digits")
    return int(digits)


def _relation(key: str, rest: str) -> ForeignRelation:
    found = _RELATION.match(rest.split("\t")[0].rstrip())
    if not found:
        raise Unfit(f"{key} is no relation with Arg1 and Arg2: {rest[:40]!r}")
    return ForeignRelation(key, label_name(found[1]), found[2], found[3])
