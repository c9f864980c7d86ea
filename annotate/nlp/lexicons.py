"""Lexicons from a scheme's folder: ``lexicons/<language>/*.toml``, and those of a researcher beside them.

A file below ``lexicons/<language>/outlets/`` holds entries for one outlet and is read like the others. The
SHA-256 over the files is part of a suggester's identity: other words are another suggester.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotate.core.errors import ConfigError, Problem
from annotate.core.phrases import Entry, Lexicon, parse_entries
from annotate.shipped import shipped

SCHEME = "source-criticism"


@dataclass(frozen=True, slots=True)
class ReadLexicon:
    """A lexicon, the settings tables of its files (``[lexicon]``) by file stem, and the hash of them all."""

    lexicon: Lexicon
    settings: dict[str, Any]
    sha256: str


def default_folder() -> Path:
    """The lexicons that ship with the package."""
    return shipped("schemas") / SCHEME / "lexicons"


def languages(folder: Path | None = None, name: str = "*") -> tuple[str, ...]:
    """Languages that a folder has lexicons for; ``name``: lexicons of that component."""
    root = folder or default_folder()
    return tuple(sorted({one.parent.name for one in root.glob(f"*/{name}.toml")}))


def read_lexicon(language: str, names: tuple[str, ...], folder: Path | None = None) -> ReadLexicon:
    """The lexicon files ``names`` (and their extensions ``NAME.*.toml``, ``outlets/``) of a language.

    A language without a folder gives an empty lexicon. Raises ConfigError with every fault of every file.
    """
    folder = folder or default_folder()
    entries: list[Entry] = []
    settings: dict[str, Any] = {}
    problems: list[Problem] = []
    digest = hashlib.sha256()
    for path in _files(folder / language, names):
        shown = path.relative_to(folder.parent).as_posix()
        try:
            raw = path.read_bytes()
            found, wrong, table = _parsed(raw, shown)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            problems.append(Problem(shown, 0, f"cannot be read: {error}"))
            continue
        digest.update(f"{shown}\0{len(raw)}\0".encode() + raw)
        entries.extend(found)
        problems.extend(wrong)
        settings[path.stem] = table
    if problems:
        raise ConfigError(f"the lexicons have {len(problems)} fault(s)", problems=problems)
    return ReadLexicon(Lexicon(language, tuple(entries)), settings, digest.hexdigest())


def lexicon_for(component: str, language: str, names: tuple[str, ...], folder: str | None) -> ReadLexicon:
    """The lexicon that a component needs; ``folder`` None means those that ship.

    Raises ConfigError for a language without such a lexicon, and what ``read_lexicon`` raises.
    """
    read = read_lexicon(language, names, None if folder is None else Path(folder))
    if not read.lexicon.entries:
        served = ", ".join(languages(None if folder is None else Path(folder)))
        raise ConfigError(
            f"{component} has no lexicon for the language {language!r}",
            hint=f"there are lexicons for {served or 'no language'}; docs/suggesters-claims-rhetoric.md says "
            "how to write one",
        )
    return read


def lexicon_or_none(language: str, names: tuple[str, ...], folder: str | None) -> ReadLexicon | None:
    """The lexicon of a component that finds something without one; None where the language has none."""
    read = read_lexicon(language, names, None if folder is None else Path(folder))
    return read if read.lexicon.entries else None


@lru_cache(maxsize=16)
def _parsed(raw: bytes, shown: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...], Any]:
    """A file's entries, its faults and its settings; the same bytes are read once."""
    data = tomllib.loads(raw.decode("utf-8"))
    found, wrong = parse_entries(data, shown)
    return tuple(found), tuple(wrong), data.get("lexicon", {})


def _files(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    every = sorted([*folder.glob("*.toml"), *folder.glob("outlets/*.toml")])
    yield from (path for path in every if path.parent != folder or path.name.split(".")[0] in names)
