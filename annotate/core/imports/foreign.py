"""What a file of another tool says, in one form for all tools, before it is compared with the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from annotate.core.errors import Problem

Unit = Literal["code-points", "utf-16", "auto"]
"""What an offset of a file counts; ``auto``: both readings are tried."""


@dataclass(frozen=True, slots=True)
class ForeignLabel:
    """A label as its file has it. ``start`` and ``end`` count in the unit of the file, half-open.

    ``key`` is its id in the file. ``quote`` are the words the file says it stands on, None where it
    says none; blanks and line ends in it may differ.
    """

    key: str
    label: str
    start: int
    end: int
    quote: str | None = None
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class ForeignRelation:
    """A relation from one label (by key) to another of the same text."""

    key: str
    relation: str
    from_key: str
    to_key: str
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class ForeignText:
    """One text as one person labelled it. ``line`` is where it begins in its file.

    ``names`` are what the file calls the text: a document, a source, a passage, best first.
    ``finished``: the file itself says that this person was done with it. ``lines`` tells by key where a
    label or relation is, if that is another line. ``example`` is its number in a Doccano project.
    """

    text: str
    line: int
    names: tuple[str, ...] = ()
    annotator: str = ""
    finished: bool = False
    labels: tuple[ForeignLabel, ...] = ()
    relations: tuple[ForeignRelation, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    example: int | None = None

    def line_of(self, key: str) -> int:
        """The line of a label or relation."""
        return self.lines.get(key, self.line)


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """One file, read; ``name`` goes into the ledger, ``shown`` into messages.

    ``unit`` is what its format says of offsets.
    ``left_out`` are labels that this study cannot represent, each by name; ``passed_over`` counts what
    is no label (attributes, predictions, rejected examples); ``broken`` is what cannot be read at all.
    ``project`` names the project that it was pulled from: unknown people of one project are one.
    """

    name: str
    shown: str
    sha256: str
    format: str
    tool: str
    unit: Unit
    texts: tuple[ForeignText, ...]
    left_out: tuple[Problem, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    broken: tuple[Problem, ...] = ()
    project: str = ""
