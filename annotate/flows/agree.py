"""`annotate agree`: how far annotators agree where two or more confirmed the same passages. Reads only."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from annotate.core.agreement import AgreementRow, Coverage, Disagreement, agreement, coverage, disagreements
from annotate.core.errors import UsageError
from annotate.core.scheme import Scheme
from annotate.flows.derived import derive_now
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class AgreeReport:
    """What could be compared, how it agrees, and every span on which two differ."""

    coverage: Coverage
    rows: tuple[AgreementRow, ...]
    disagreements: tuple[Disagreement, ...]


def agree(study: Study, *, layers: Sequence[str] = (), labels: Sequence[str] = ()) -> AgreeReport:
    """Agreement of the study as last pulled. Raises UsageError for a layer or label that is not there."""
    dataset, scheme = derive_now(study)
    _require("layer", layers, [layer.name for layer in scheme.layers])
    _require("label", labels, [label.name for label in scheme.labels])
    return AgreeReport(
        coverage(dataset),
        agreement(dataset, groups=groups_of(scheme), layers=layers, labels=labels),
        tuple(disagreements(dataset, layers=layers, labels=labels)),
    )


def groups_of(scheme: Scheme) -> Mapping[str, str]:
    """Label to group, for the labels that the scheme groups."""
    return {label.name: label.group for label in scheme.labels if label.group}


def agreement_csv(rows: Sequence[AgreementRow]) -> str:
    """The lines as CSV, figures in full; empty where not defined."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    names = [one.name for one in fields(AgreementRow)]
    writer.writerow(names)
    writer.writerows([getattr(row, name) for name in names] for row in rows)
    return sink.getvalue()


def _require(what: str, asked: Sequence[str], known: Sequence[str]) -> None:
    for one in asked:
        if one not in known:
            raise UsageError(f"the scheme has no {what} {one!r}", hint=f"it has {', '.join(known)}")
