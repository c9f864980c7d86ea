"""`annotate scheme check`: is the scheme sound, which version is it, and what deserves a second look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from annotate.core.scheme import LabelType, RelationType, Scheme, contrast
from annotate.store.scheme import read_scheme

GOOD_CONTRAST = 4.5
"""WCAG AA for small text. Below it is a warning; what cannot be read at all is an error already."""


@dataclass(frozen=True, slots=True)
class GuidelineReport:
    """One guideline file: which pass and language it serves, its SHA-256, and its length in words."""

    pass_name: str
    language: str
    file: str
    sha256: str
    words: int


@dataclass(frozen=True, slots=True)
class SchemeReport:
    """What a check found in a sound scheme. ``counts`` are passes, layers, labels and relations."""

    name: str
    title: str
    version: str
    sha256: str
    counts: dict[str, int]
    guidelines: tuple[GuidelineReport, ...]
    warnings: tuple[str, ...]


def check(root: Path, name: str) -> SchemeReport:
    """Check the scheme ``name`` of the study at ``root``. Raises ConfigError with every problem found."""
    scheme = read_scheme(root / "schemas" / name)
    return SchemeReport(
        name=scheme.name,
        title=scheme.title,
        version=scheme.version,
        sha256=scheme.sha256,
        counts={what: len(getattr(scheme, what)) for what in ("passes", "layers", "labels", "relations")},
        guidelines=tuple(
            GuidelineReport(item.pass_name, item.language, item.file, item.sha256, len(item.text.split()))
            for item in scheme.guidelines
        ),
        warnings=tuple(_warnings(scheme)),
    )


def _warnings(scheme: Scheme) -> Iterator[str]:
    types: list[LabelType | RelationType] = [*scheme.labels, *scheme.relations]
    for item in types:
        yield from _look_warnings(item)
    for guideline in scheme.guidelines:
        names = [label.name for label in scheme.labels_of(guideline.pass_name)]
        names += [relation.name for relation in scheme.relations_of(guideline.pass_name)]
        missing = [name for name in names if not _mentions(guideline.text, name)]
        if missing:
            yield f"{guideline.file} says nothing about {', '.join(missing)}"


def _look_warnings(item: LabelType | RelationType) -> Iterator[str]:
    if item.hotkey is None:
        yield f"{item.name} has no hotkey"
    ratio = contrast(item.background, item.text)
    if ratio < GOOD_CONTRAST:
        yield f"{item.name}: {item.text} on {item.background} has a contrast of {ratio:.1f}; 4.5 reads well"


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
