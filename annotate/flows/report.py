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
from annotate.core.dataset import Dataset, Inputs, derive
from annotate.core.dataset.lookup import Lookup
from annotate.core.errors import Conflict, Problem
from annotate.core.figures import Material, Section, figures, steps
from annotate.core.ledger import Line
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
class ReportPlan:
    """A report ready to be written; ``change`` says what writing it would do to the file there."""

    path: Path
    shown: str
    change: str
    study: str
    ledger_head: str
    pulls: tuple[str, ...]
    numbers: Mapping[str, int]
    sections: tuple[Section, ...]
    page: bytes = field(repr=False)

    def record(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return {
            "file": self.shown,
            "change": self.change,
            "study": self.study,
            "ledger_head": self.ledger_head,
            "pulls": list(self.pulls),
            "numbers": dict(self.numbers),
            "sections": {one.key: _record(one) for one in self.sections},
        }


def plan(study: Study, to: Path | None = None, *, names: bool = False) -> ReportPlan:
    """Count and draw everything; writes nothing. ``names``: account names in place of pseudonyms.

    Raises ConfigError (annotate.toml or scheme), IntegrityFailure (the ledger does not hold), Conflict
    (a folder is where the file would be). A corpus that does not hold is reported in the page.
    """
    path = to if to is not None else study.exports_dir / DEFAULT
    if path.is_dir():
        raise Conflict(f"{study.shown(path)} is a folder", hint="name another file with --to")
    lines = read_ledger(study)
    corpus, problems = _corpus(study)
    inputs = inputs_of(study, lines, corpus, read_material(study), names=names)
    dataset = derive(inputs)
    sections = figures(_material(inputs, dataset, lines, corpus, problems))
    page = _page(study, inputs, dataset, lines, sections)
    there = path.read_bytes() if path.is_file() else None
    return ReportPlan(
        path=path,
        shown=study.shown(path),
        change="new" if there is None else "unchanged" if there == page else "replaced",
        study=study.config.study.name,
        ledger_head=inputs.state.head.hash,
        pulls=inputs.state.pulls,
        numbers=_numbers(dataset),
        sections=sections,
        page=page,
    )


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
        "quarantine": len(dataset.quarantine),
    }


def _page(
    study: Study, inputs: Inputs, dataset: Dataset, lines: Sequence[Line], sections: Sequence[Section]
) -> bytes:
    # The plots load here, not when the command line starts.
    from annotate.formats.plot import plot_bytes
    from annotate.report.charts import Plot
    from annotate.report.page import Head, page

    found = plot_bytes(dataset.chronology)
    drawn = [Plot("Stated dates by document", "", found.decode("utf-8"))] if found else []
    head = inputs.state.head
    about = _about(lines, inputs.state.pulls)
    foot = f"Made by source-annotate {__version__} from ledger line {head.seq}, {head.hash}."
    title = study.config.study.name
    top = Head(title, about, tuple(_shown_numbers(_numbers(dataset))), foot, __version__)
    return page(top, sections, {"dates": drawn}).encode("utf-8", "replace")


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
    yield number("Suggestions", "suggestions")
    yield number("Set aside", "quarantine", "could not be proven")


def _about(lines: Sequence[Line], pulls: Sequence[str]) -> str:
    if not lines:
        return "Nothing was pushed to a server yet: the ledger of this study is empty."
    last = lines[-1]
    state = f"Everything up to {last.at[:16].replace('T', ' ')} UTC, ledger line {last.seq}."
    if not pulls:
        return f"{state} Nothing was pulled yet."
    return f"{state} {len(pulls)} pull{'s' if len(pulls) > 1 else ''}, the last one {pulls[-1]}."
