"""What could not be proven, and what is known to be missing or doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from annotate.core.dataset.quarantine import REASONS
from annotate.core.figures.material import Material
from annotate.core.figures.sheets import Section, Sheet, count, text


def problems_section(material: Material) -> Section:
    """Quarantine by reason, and known limits of the data."""
    found = _quarantine(material)
    limits = Sheet(
        "known",
        "Known limits",
        (text("what", "What"), count("number", "Number"), text("means", "What it means")),
        tuple(row for row in _known(material) if row[1]),
    )
    words = [
        f"{len(material.dataset.quarantine)} things were seen and could not be proven; they are counted here "
        "and in no other figure."
        if material.dataset.quarantine
        else "Nothing had to be set aside: everything that was seen could be proven against its source."
    ]
    if not limits.rows:
        words.append("No limits of the data are known.")
    sheets = tuple(sheet for sheet in (found, limits, _doubts(material), _faults(material)) if sheet.rows)
    return Section("problems", "Quarantine and known problems", tuple(words), sheets)


def _quarantine(material: Material) -> Sheet:
    counts = Counter((one.table, one.reason) for one in material.dataset.quarantine)
    rows = tuple(
        (table, reason, number, REASONS.get(reason, "")) for (table, reason), number in sorted(counts.items())
    )
    columns = (
        *(text("table", "Table"), text("reason", "Reason"), count("number", "Number")),
        text("means", "What it says of the row"),
    )
    return Sheet("quarantine", "Set aside, by table and reason", columns, rows)


def _known(material: Material) -> Iterator[tuple[str, int, str]]:
    data = material.dataset
    yield (
        "Documents without a publication date",
        sum(not one.published for one in data.documents),
        "they are missing from every figure over time",
    )
    yield (
        "Documents with a doubt",
        sum(bool(one.doubts) for one in data.documents),
        "the reader was not sure of something; the next table says of what",
    )
    yield (
        "Sources without stated rights",
        sum(not one.rights for one in data.sources),
        "ask before you publish their text",
    )
    yield (
        "Copies of another source",
        sum(bool(one.duplicate_of) for one in data.sources),
        "the same bytes under another name; read once",
    )
    yield (
        "Labels without an annotator",
        sum(not one.annotator for one in data.labels),
        "the server or the file names nobody",
    )
    yield (
        "Draft labels",
        sum(one.status == "draft" for one in data.labels),
        "on passages that nobody confirmed",
    )
    yield (
        "Labels of documents that the build has not",
        sum(not one.document_id for one in data.labels),
        "the corpus was cut anew since; their quotes are proven all the same",
    )
    yield (
        "Annotators that annotate.toml does not list",
        sum(not one.listed for one in data.annotators),
        "somebody else worked on the server",
    )
    yield (
        "Scripted annotators",
        sum(one.scripted is True for one in data.annotators),
        "their labels come from a script, not from a person",
    )
    yield ("Comments", len(data.comments), "remarks of annotators that somebody should read")


def _doubts(material: Material) -> Sheet:
    counts = Counter(
        doubt for one in material.dataset.documents if one.doubts for doubt in one.doubts.split(" | ")
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    columns = (text("doubt", "Doubt"), count("documents", "Documents"))
    return Sheet("doubts", "Doubts of the reader, by what they are about", columns, tuple(ordered))


def _faults(material: Material) -> Sheet:
    rows = tuple((one.file, one.line or None, one.what) for one in material.problems)
    columns = (text("file", "File"), count("line", "Line"), text("what", "What does not hold"))
    return Sheet(
        "faults", "Faults of the corpus: no dataset can be exported until they are mended", columns, rows
    )
