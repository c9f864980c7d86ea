"""The formats of a dataset by name, and the profiles that bundle them.

Writers load when they are asked for: `annotate --help` and an export of CSV alone import none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from annotate.core.errors import UsageError
from annotate.formats.writing import Holds, Writer

_WRITERS = "annotate.formats.writers"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its writer ``function`` in ``module``.

    ``needs`` are the distributions whose version can show in its bytes. A ``late`` format describes the
    finished dataset: it is written after all other files (but the manifest) and reports no losses.
    ``holds`` says what of a text that may not be passed on it gets: ``rows`` (its rows without text),
    ``quotes`` (its rows whose quote is whole) or ``texts`` (nothing of it).
    """

    name: str
    title: str
    module: str
    needs: tuple[str, ...] = ()
    late: bool = False
    function: str = "write"
    holds: Holds = "texts"

    def is_there(self) -> bool:
        """Whether this installation has the writer."""
        return find_spec(self.module) is not None

    def writer(self) -> Writer:
        """The writer itself; loads what it needs."""
        found: Writer = getattr(import_module(self.module), self.function)
        return found


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("csv", "CSV tables", f"{_WRITERS}.csv_tables", holds="rows"),
        Format("xlsx", "Excel workbook", f"{_WRITERS}.xlsx", ("XlsxWriter",), holds="rows"),
        Format("parquet", "Parquet tables", f"{_WRITERS}.parquet", ("pyarrow",), holds="rows"),
        Format("jsonl", "JSON Lines tables", f"{_WRITERS}.jsonl", holds="rows"),
        Format("docbin", "spaCy DocBin", "annotate.nlp.docbin", ("spacy",)),
        Format("conllu", "CoNLL-U Plus", f"{_WRITERS}.conllu", function="write"),
        Format("iob2", "IOB2 columns", f"{_WRITERS}.conllu", function="write_iob2"),
        Format("brat", "brat stand-off", f"{_WRITERS}.brat"),
        Format("cas", "UIMA CAS XMI", f"{_WRITERS}.cas"),
        Format("webannotation", "W3C Web Annotation", f"{_WRITERS}.webannotation", holds="quotes"),
        Format("tei", "TEI standOff", f"{_WRITERS}.tei"),
        Format("timeml", "TimeML", f"{_WRITERS}.timeml"),
        Format("prodigy", "Prodigy JSON Lines", f"{_WRITERS}.prodigy"),
        Format("label-studio", "Label Studio JSON", f"{_WRITERS}.label_studio"),
        Format("huggingface", "Hugging Face dataset", f"{_WRITERS}.huggingface", ("pyarrow",)),
        Format("reader", "HTML reader", f"{_WRITERS}.reader"),
        Format("prov", "W3C PROV (JSON-LD)", f"{_WRITERS}.provenance", holds="rows"),
        Format("rocrate", "RO-Crate", f"{_WRITERS}.rocrate", late=True, holds="rows"),
    )
}
"""In the order in which they are written."""

DEFAULT = ("csv", "webannotation", "prov", "rocrate")
PROFILES: Mapping[str, tuple[str, ...]] = {
    "spreadsheet": ("csv", "xlsx"),
    "statistics": ("csv", "parquet"),
    "training": ("csv", "jsonl", "docbin", "conllu", "iob2", "prodigy", "huggingface"),
    "archive": (
        "csv",
        "parquet",
        "jsonl",
        "webannotation",
        "tei",
        "timeml",
        "cas",
        "reader",
        "prov",
        "rocrate",
    ),
}
EXCEL_PROFILES = frozenset({"spreadsheet"})
"""Profiles whose CSV is the variant for spreadsheets."""


@cache
def available() -> tuple[str, ...]:
    """Names of the formats that this installation can write, in order."""
    return tuple(name for name, one in FORMATS.items() if one.is_there())


def chosen(formats: Iterable[str] = (), profiles: Iterable[str] = ()) -> tuple[str, ...]:
    """The formats for names and profiles, in order and with CSV; without any, the default ones.

    Raises UsageError for a name that is none.
    """
    names, bundles = list(formats), list(profiles)
    _check("format", names, available())
    _check("profile", bundles, tuple(PROFILES))
    bundled = [name for bundle in bundles for name in PROFILES[bundle]] or ([] if names else list(DEFAULT))
    wanted = {"csv", *names, *bundled}
    return tuple(name for name in available() if name in wanted)


def _check(kind: str, names: Iterable[str], known: tuple[str, ...]) -> None:
    wrong = [name for name in names if name not in known]
    if wrong:
        raise UsageError(
            f"there is no {kind} {', '.join(repr(name) for name in wrong)}",
            hint=f"{kind}s: {', '.join(known)}",
        )


def tools_of(formats: Iterable[str]) -> dict[str, str]:
    """Versions of the distributions that the bytes of these formats come from, by name."""
    needed = {need for name in formats for need in FORMATS[name].needs}
    return {need: _version(need) for need in sorted(needed)}


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
