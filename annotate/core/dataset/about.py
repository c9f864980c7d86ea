"""What a study says of its datasets: title, authors, licence. Empty where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass


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
