"""What a study says of its datasets: title, authors, licence. Empty where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Author:
    """Who answers for a dataset. ``orcid`` is an address below https://orcid.org/."""

    name: str
    orcid: str = ""
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """[dataset] of annotate.toml. ``licence`` is an SPDX identifier, ``doi`` begins with ``10.``."""

    title: str = ""
    description: str = ""
    authors: tuple[Author, ...] = ()
    licence: str = ""
    doi: str = ""
    keywords: tuple[str, ...] = ()


UNSAID = About()
"""What a study without that section says."""


def about_of(record: Mapping[str, Any]) -> About:
    """The value of a record as ``dataclasses.asdict`` makes it. Raises TypeError, KeyError or ValueError."""
    authors = tuple(Author(**one) for one in record["authors"])
    about = About(**{**record, "authors": authors, "keywords": tuple(record["keywords"])})
    cells = [about.title, about.description, about.licence, about.doi, *about.keywords]
    cells += [cell for author in authors for cell in astuple(author)]
    if not all(isinstance(cell, str) for cell in cells):
        raise TypeError("about holds something that is no text")
    return about
