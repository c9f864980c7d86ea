"""`annotate report`: what the study holds and how far it is, as one HTML page.

``plan`` makes every byte from ledger, corpus, scheme and configuration, as an export does; ``apply``
puts the file there. A study without documents, pushes or pulls has a report too: it says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from annotate import __version__
from annotate.core.agreement import agreement
from annotate.core.dataset import Dataset, Inputs, derive
from annotate.core.dataset.lookup import Lookup
from annotate.core.dataset.rows import DatedRow
from annotate.core.errors import Conflict, Problem
from annotate.core.figures import Agreement, Material, Section, figures, steps
from annotate.core.ledger import Head, Line
from annotate.core.model import Segment
from annotate.core.offsets import Range
from annotate.flows.dataset_corpus import Corpus, read_corpus
from annotate.flows.dataset_inputs import inputs_of, read_material
from annotate.store.built import Built
from annotate.store.files import replace_file
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

DEFAULT: Final = "report.html"


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that a report shows, counted and not drawn yet. ``about`` is the line below its title."""

    study: str
    about: str
    head: Head
    pulls: tuple[str, ...]
    numbers: Mapping[str, int]
    sections: tuple[Section, ...]
    chronology: tuple[DatedRow, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """A report ready to be written; ``change`` says what writing it would do to the file there."""

    path: Path
    shown: str
    change: str
    counted: Counted
    page: bytes = field(repr=False)

    def record(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        found = self.counted
        return {
            "file": self.shown,
            "change": self.change,
            "study": found.study,
            "ledger_head": found.head.hash,
            "pulls": list(found.pulls),
            "numbers": dict(found.numbers),
            "sections": {one.key: _record(one) for one in found.sections},
        }


def count(study: Study, *, names: bool = False) -> Counted:
    """Every figure of a study. ``names``: account names in place of pseudonyms.

    Raises ConfigError (annotate.toml or scheme), IntegrityFailure (the ledger does not hold). A corpus
    that does not hold is among the figures.
    """
    lines = read_ledger(study)
    corpus, problems = _corpus(study)
    inputs = inputs_of(study, lines, corpus, read_material(study), names=names)
    dataset = derive(inputs)
    return Counted(
        study=study.config.study.name,
        about=_about(lines, inputs.state.pulls),
        head=inputs.state.head,
        pulls=inputs.state.pulls,
        numbers=_numbers(dataset),
        sections=figures(_material(inputs, dataset, lines, corpus, problems)),
        chronology=dataset.chronology,
    )


def plan(study: Study, to: Path | None = None, *, names: bool = False) -> ReportPlan:
    """Count and draw everything; writes nothing.

    Raises as ``count`` does, and Conflict where a folder is in the place of the file.
    """
    path = to if to is not None else study.exports_dir / DEFAULT
    if path.is_dir():
        raise Conflict(f"{study.shown(path)} is a folder", hint="name another file with --to")
    counted = count(study, names=names)
    page = draw(counted)
    there = path.read_bytes() if path.is_file() else None
    change = "new" if there is None else "unchanged" if there == page else "replaced"
    return ReportPlan(path, study.shown(path), change, counted, page)


def apply(plan: ReportPlan) -> ReportPlan:
    """Write the planned report unless exactly it is there. Raises StorageFailure."""
    if plan.change != "unchanged":
        replace_file(plan.path, plan.page)
    return plan


def _record(section: Section) -> dict[str, Any]:
    sheets = {
        one.name: {
            "caption": one.caption,
            "columns": [column.name for column in one.columns],
            "rows": one.records(),
        }
        for one in section.sheets
    }
    return {"title": section.title, "words": list(section.words), "tables": sheets}


def _corpus(study: Study) -> tuple[Corpus, tuple[Problem, ...]]:
    if not (study.built_dir / "manifest.json").is_file():
        return Corpus(Built((), (), (), ()), {}, {}, {}), ()
    return read_corpus(study)


def _material(
    inputs: Inputs, dataset: Dataset, lines: Sequence[Line], corpus: Corpus, problems: Iterable[Problem]
) -> Material:
    return Material(
        dataset=dataset,
        steps=steps(lines, Lookup(inputs).who),
        body=_body(corpus.built.segments),
        agreement=tuple(Agreement.of(row) for row in agreement(dataset)),
        problems=tuple(problems),
    )


def _body(segments: Iterable[Segment]) -> dict[str, tuple[Range, ...]]:
    found: dict[str, list[Range]] = defaultdict(list)
    for one in segments:
        if one.kind == "body":
            found[one.source_file].append(Range(one.start, one.end))
    return {file: tuple(ranges) for file, ranges in found.items()}


def _numbers(dataset: Dataset) -> dict[str, int]:
    return {
        "sources": len(dataset.sources),
        "documents": len(dataset.documents),
        "passages": len(dataset.passages),
        "annotators": len({one.assignee for one in dataset.assignments}),
        "assignments": len(dataset.assignments),
        "confirmed": sum(one.status == "confirmed" for one in dataset.assignments),
        "labels": len(dataset.labels),
        "labels_confirmed": sum(one.status == "confirmed" for one in dataset.labels),
        "relations": len(dataset.relations),
        "suggestions": len(dataset.suggestions),
        "suggested_relations": len(dataset.suggested_relations),
        "quarantine": len(dataset.quarantine),
    }


def draw(counted: Counted) -> bytes:
    """The page: the same figures give the same bytes."""
    # The plots load here, not when the command line starts.
    from annotate.formats.plot import plot_bytes
    from annotate.report.charts import Plot
    from annotate.report.page import Head as Top
    from annotate.report.page import page

    found = plot_bytes(counted.chronology)
    drawn = [Plot("Stated dates by document", "", found.decode("utf-8"))] if found else []
    head = counted.head
    foot = f"Made by source-annotate {__version__} from ledger line {head.seq}, {head.hash}."
    top = Top(counted.study, counted.about, tuple(_shown_numbers(counted.numbers)), foot, __version__)
    return page(top, counted.sections, {"dates": drawn}).encode("utf-8", "replace")


def _shown_numbers(numbers: Mapping[str, int]) -> Iterable[Any]:
    from annotate.report.page import Number

    def number(name: str, key: str, of: str = "") -> Number:
        return Number(name, f"{numbers[key]:,}", of)

    yield number("Documents", "documents", f"in {numbers['sources']:,} sources")
    yield number("Passages", "passages")
    yield number("Annotators", "annotators")
    yield number("Passages confirmed", "confirmed", f"of {numbers['assignments']:,} given")
    yield number("Labels confirmed", "labels_confirmed", f"of {numbers['labels']:,}")
    yield number("Relations", "relations")
    drawn = numbers["suggested_relations"]
    yield number("Suggestions", "suggestions", f"and {drawn:,} of relations" if drawn else "")
    yield number("Set aside", "quarantine", "could not be proven")


def _about(lines: Sequence[Line], pulls: Sequence[str]) -> str:
    if not lines:
        return "Nothing was pushed to a server yet: the ledger of this study is empty."
    last = lines[-1]
    state = f"Everything up to {last.at[:16].replace('T', ' ')} UTC, ledger line {last.seq}."
    if not pulls:
        return f"{state} Nothing was pulled yet."
    return f"{state} {len(pulls)} pull{'s' if len(pulls) > 1 else ''}, the last one {pulls[-1]}."
