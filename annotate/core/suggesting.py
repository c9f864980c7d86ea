"""Suggestions that something outside makes: who made them, how one of its rows becomes one of ours.

A row says a label and where it stands in a passage: ``start`` and ``end`` in code points of the
passage's text, half-open, or the words themselves (``quote``, with ``prefix`` and ``suffix`` where they
stand there more than once), or both. Nothing is moved until it fits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.errors import Problem
from annotate.core.ids import canonical_json, content_id, sha256_hex
from annotate.core.model import Passage, SuggestedRelation, Suggestion
from annotate.core.suggested_rows import Allows, relation_faults

FIELDS: Final = (
    "label",
    "start",
    "end",
    "quote",
    "prefix",
    "suffix",
    "score",
    "note",
    "value",
    "key",
    "relations",
)
"""What a row may say of a label."""
LONGEST_NOTE: Final = 2000
"""Code points."""


class Suggester(Protocol):
    """Who suggests; ``config`` is canonical JSON and decides, with the version, what was seen before."""

    @property
    def agent(self) -> str:
        """Its name."""
        ...

    @property
    def agent_version(self) -> str:
        """Its version."""
        ...

    @property
    def config(self) -> str:
        """Everything else that its suggestions depend on."""
        ...

    @property
    def config_sha256(self) -> str:
        """SHA-256 of ``config``."""
        ...


@dataclass(frozen=True, slots=True)
class Outsider:
    """A suggester that is no pipeline of this machine."""

    agent: str
    agent_version: str
    config: str
    config_sha256: str

    @classmethod
    def of(cls, agent: str, version: str, config: Mapping[str, Any], renames: Mapping[str, str]) -> Outsider:
        """With the hash of its configuration; ``renames`` (``--map``) change what comes out."""
        mapped = {"map": dict(renames)} if renames else {}
        text = canonical_json({**config, **mapped}).decode("utf-8")
        return cls(agent, version, text, sha256_hex(text.encode("utf-8")))


@dataclass(frozen=True, slots=True)
class Looked:
    """What a suggester said about one passage; ``suggestions`` carry no run id yet.

    ``unknown`` holds a label for each span that the scheme has no label for. ``problems``: rows that
    cannot be taken. ``answered`` False: it said nothing at all, so the passage counts as not seen.
    ``relations`` join these suggestions.
    """

    passage_id: str
    suggestions: tuple[Suggestion, ...]
    unknown: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    answered: bool = True
    relations: tuple[SuggestedRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which rows are read: the layer of each label, other names for them, who made the rows.

    ``allows`` says whether a relation may go from one label to another.
    """

    layers: Mapping[str, str]
    renames: Mapping[str, str]
    by: Suggester
    allows: Allows = lambda relation, tail, head: True


def suggestion_of(row: Mapping[str, Any], passage: Passage, terms: Terms) -> Suggestion | str:
    """The suggestion that a row makes on a passage, or what is wrong with it. The row may hold anything."""
    wrong = next(_faults(row), None)
    if wrong:
        return wrong
    label = terms.renames.get(row["label"], row["label"])
    if label not in terms.layers:
        return f"the scheme has no label {_short(row['label'])} (--map OLD=NEW maps one)"
    place = place_of(row, passage.text)
    if isinstance(place, str):
        return place
    start, end = place
    value, score = row.get("value"), row.get("score")
    by = terms.by
    identity = [by.agent, by.agent_version, by.config_sha256, passage.passage_id, label, start, end, value]
    return Suggestion(
        suggestion_id=content_id("sug", identity),
        run_id="",
        passage_id=passage.passage_id,
        layer=terms.layers[label],
        label=label,
        start=start,
        end=end,
        quote=passage.text[start:end],
        agent=by.agent,
        agent_version=by.agent_version,
        config_sha256=by.config_sha256,
        score=None if score is None else round(float(score), 6),
        value=value,
        value_type=None if value is None else "EDTF",
        note=row.get("note") or "",
    )


def place_of(row: Mapping[str, Any], text: str) -> tuple[int, int] | str:
    """Where a row's words stand in the text, or why they have no place there."""
    start, end, quote = row.get("start"), row.get("end"), row.get("quote")
    if start is not None and end is not None:
        if not 0 <= start < end <= len(text):
            return f"[{start}, {end}) is no place in a passage of {len(text)} characters"
        if quote is not None and text[start:end] != quote:
            return f"at [{start}, {end}) stands {_short(text[start:end])} and not {_short(quote)}"
        return start, end
    if not quote:
        return "says neither start and end nor a quote"
    prefix, suffix = row.get("prefix") or "", row.get("suffix") or ""
    wanted = f"{prefix}{quote}{suffix}"
    at = text.find(wanted)
    if at < 0:
        return f"the words {_short(wanted)} are not in the passage"
    if text.find(wanted, at + 1) >= 0:
        return (
            f"the words {_short(wanted)} stand there more than once; add prefix and suffix, or start and end"
        )
    return at + len(prefix), at + len(prefix) + len(quote)


def unknown_fields(row: Mapping[str, Any], known: Collection[str]) -> str | None:
    """A sentence that names the fields that mean nothing to us."""
    odd = sorted(_short(one) for one in row.keys() - set(known))
    return f"unknown field {', '.join(odd[:5])}" if odd else None


def _faults(row: Mapping[str, Any]) -> Iterator[str]:
    odd = unknown_fields(row, FIELDS)
    if odd:
        yield odd
    yield from _text_faults(row)
    yield from _number_faults(row)
    yield from relation_faults(row)


def _text_faults(row: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(row.get("label"), str):
        yield "label is missing or no text"
    for name in ("quote", "prefix", "suffix", "note", "value"):
        if not isinstance(row.get(name), str | None):
            yield f"{name} is no text"
    if len(row.get("note") or "") > LONGEST_NOTE:
        yield f"note is longer than {LONGEST_NOTE} characters"
    if row.get("value") is not None and not edtf_is_valid(row["value"]):
        yield f"value {_short(row['value'])} is no EDTF date"
    if any("\ud800" <= char <= "\udfff" for name in ("label", "note") for char in row.get(name) or ""):
        yield "half a character (a lone surrogate) cannot be stored"


def _number_faults(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("start", "end"):
        if not isinstance(row.get(name), int | None) or isinstance(row.get(name), bool):
            yield f"{name} is no whole number"
    if (row.get("start") is None) != (row.get("end") is None):
        yield "start and end belong together"
    score = row.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        yield "score is no number"
    elif score is not None and not 0 <= score <= 1:
        yield "score does not lie between 0 and 1"


def _short(text: str) -> str:
    one = " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
    return repr(one if len(one) <= 60 else one[:57] + "...")
