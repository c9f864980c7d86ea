"""The dataset card of the Hugging Face hub: YAML for machines, a few sentences for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from annotate.core.dataset.splits import SEED
from annotate.formats.croissant import Part
from annotate.formats.markdown import plain, table
from annotate.formats.writing import Material

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card_bytes(material: Material, parts: Sequence[Part]) -> bytes:
    """README.md of the folder."""
    lines = ["---", *_yaml(material, parts), "---", "", *_text(material, parts)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _yaml(material: Material, parts: Sequence[Part]) -> Iterator[str]:
    # JSON strings are YAML strings, and cannot end the block.
    languages = sorted({row.language for row in material.dataset.documents} - {""})
    number = len(material.dataset.labels)
    yield f"pretty_name: {json.dumps(f'{material.record.study}: {material.record.name}')}"
    if languages:
        yield "language:"
        yield from (f"- {json.dumps(one)}" for one in languages)
    # Each source has its own rights: see below.
    yield "license: other"
    yield "task_categories:"
    yield "- token-classification"
    yield "tags:"
    yield from ("- source-criticism", "- span-annotation")
    yield "size_categories:"
    yield f"- {next((name for most, name in _SIZES if number < most), 'n>1M')}"
    yield "configs:"
    for config in dict.fromkeys(part.config for part in parts):
        yield f"- config_name: {config}"
        yield "  data_files:"
        for part in parts:
            if part.config == config:
                yield f"  - split: {part.split}"
                yield f"    path: {part.path}"
        if config == parts[0].config:
            yield "  default: true"


def _text(material: Material, parts: Sequence[Part]) -> Iterator[str]:
    dataset, record = material.dataset, material.record
    yield f"# {plain(record.study)}: {plain(record.name)}"
    yield ""
    yield "Texts with labels that annotators set or confirmed, made by source-annotate from a ledger that"
    yield f"says of each label who decided it and when (line {record.head.seq}, `{record.head.hash}`)."
    yield ""
    yield "`passages` has a text a row, with its labels as `spans`; `labels` has a label a row. Offsets are"
    yield "code points (Unicode characters), half-open. Labels with status `draft` stand on texts that nobody"
    yield f"has confirmed. Documents are split by a hash of their id (seed {SEED}): a document stays in its"
    yield "split when others come."
    yield ""
    yield from table(("file", "rows"), [(part.path, part.rows) for part in parts])
    yield ""
    yield "## Rights"
    yield ""
    rights = sorted({row.rights for row in dataset.sources})
    yield from table(
        ("rights of the sources", "sources"),
        [(one or "unknown", sum(row.rights == one for row in dataset.sources)) for one in rights],
    )
