"""CITATION.cff of a dataset (Citation File Format 1.2): from annotate.toml and the ledger, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from annotate.core.dataset.trail import last_recorded
from annotate.formats.package import Record

CITATION: Final = "CITATION.cff"


def citation_bytes(record: Record) -> bytes:
    """The file; without authors in annotate.toml, the study itself is named."""
    return "".join(f"{line}\n" for line in _lines(record)).encode("utf-8")


def _lines(record: Record) -> Iterator[str]:
    about = record.about
    yield "cff-version: 1.2.0"
    yield f"message: {_text('If you use this dataset, please cite it as below.')}"
    yield f"title: {_text(about.title or f'{record.study}: {record.name}')}"
    yield "type: dataset"
    yield "authors:"
    for author in about.authors:
        # A name is not taken apart into given and family names: that would be a guess.
        yield f"  - name: {_text(author.name)}"
        if author.orcid:
            yield f"    orcid: {_text(author.orcid)}"
    if not about.authors:
        yield f"  - name: {_text(f'The authors of the study {record.study}')}"
    yield f"version: {_text(f'ledger-{record.head.seq}')}"
    released = last_recorded(record.trail)[:10]
    optional = {"date-released": released, "license": about.licence, "doi": about.doi}
    optional |= {"abstract": about.description}
    for name, value in optional.items():
        if value:
            yield f"{name}: {_text(value)}"
    if about.keywords:
        yield "keywords:"
        yield from (f"  - {_text(word)}" for word in dict.fromkeys(about.keywords))


def _text(value: str) -> str:
    """A double-quoted YAML scalar: a JSON string in ASCII is one, whatever is in it."""
    return json.dumps(value)
