"""`annotate dates`: the stated dates of texts, as records, as a table's rows, or as a page to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotate.core.dates import LANGUAGES, StatedDate, edtf_is_valid, read_dates
from annotate.core.dates.checks import Finding, check_dates
from annotate.core.dates.modes import MODES
from annotate.core.dates.records import date_record, timex_records
from annotate.core.errors import BadInput, Problem, UsageError
from annotate.store.files import replace_file


@dataclass(frozen=True, slots=True)
class TextDates:
    """What was found in one text. ``published`` is EDTF or None; offsets are code points of ``text``."""

    name: str
    text: str
    language: str
    published: str | None
    mode: str
    reason: str
    dates: tuple[StatedDate, ...]
    findings: tuple[Finding, ...]

    def record(self) -> dict[str, Any]:
        """Everything but the text, as JSON values."""
        return {
            "name": self.name,
            "language": self.language,
            "published": self.published,
            "mode": self.mode,
            "reason": self.reason,
            "dates": [date_record(date) for date in self.dates],
            "findings": [asdict(finding) for finding in self.findings],
        }


def dates_of(
    text: str,
    *,
    name: str = "-",
    language: str | None = None,
    published: str | None = None,
    mode: str = "auto",
) -> TextDates:
    """The dates of one text; ``language`` None asks a language identifier.

    Raises UsageError for a language, date or mode that we cannot use.
    """
    chosen = language or _language_of(text)
    if chosen not in LANGUAGES:
        raise UsageError(
            f"dates cannot be read in the language {chosen!r}",
            hint=f"name one of {', '.join(LANGUAGES)} with --lang",
        )
    _check(published, mode)
    read = read_dates(text, chosen, published=published, mode=mode)
    findings = check_dates(text, chosen, read, published)
    return TextDates(name, text, chosen, published, read.mode, read.reason, read.dates, findings)


def read_lines(lines: Iterable[str], name: str, *, mode: str = "auto") -> Iterator[dict[str, Any]]:
    """Records of all mentions in JSONL documents ``{doc_id, lang, published | dct, text}``, in order.

    Every line is checked before the first is read. Raises BadInput that lists all bad lines.
    """
    _check(None, mode)
    documents, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        document, what = _document(line)
        if document is None:
            problems.append(Problem(name, number, what))
        else:
            documents.append(document)
    if problems:
        raise BadInput(
            f"{len(problems)} lines of {name} are no documents",
            hint='each line is one JSON object {"doc_id", "lang", "published", "text"}',
            problems=problems,
        )
    for doc_id, language, published, text in documents:
        read = read_dates(text, language, published=published, mode=mode)
        for date in read.dates:
            for record in timex_records(date):
                yield {"doc_id": doc_id, **record, "mode": read.mode}


def write_page(found: TextDates, target: Path) -> None:
    """One self-contained HTML file: the text with its dates marked, a time line, a table, the findings."""
    from annotate.flows.dates_page import page

    replace_file(target, page(found).encode("utf-8"))


_Document = tuple[str, str, str | None, str]


def _document(line: str) -> tuple[_Document | None, str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        return None, f"no JSON: {error}"
    if not isinstance(row, dict):
        return None, "no JSON object"
    doc_id, language, text = row.get("doc_id"), row.get("lang"), row.get("text")
    published = row.get("published", row.get("dct")) or None
    if not isinstance(doc_id, str) or not isinstance(text, str):
        return None, "doc_id and text must be strings"
    if language not in LANGUAGES:
        return None, f"lang is {language!r}, not one of {', '.join(LANGUAGES)}"
    if published is not None and not isinstance(published, str):
        return None, f"published is {published!r}, no EDTF date"
    if published is not None and not edtf_is_valid(published):
        published = published.partition("T")[0]  # a creation time is a date and a time of day
        if not edtf_is_valid(published):
            return None, f"published is {row.get('published', row.get('dct'))!r}, no EDTF date"
    return (doc_id, str(language), published, text), ""


def _check(published: str | None, mode: str) -> None:
    if mode not in MODES:
        raise UsageError(f"there is no mode {mode!r}", hint=f"one of {', '.join(MODES)}")
    if published is not None and not edtf_is_valid(published):
        raise UsageError(
            f"{published!r} is no EDTF date", hint="for example --published 2025-08-20, 2025-08 or 2025"
        )


def _language_of(text: str) -> str:
    from annotate.sources.languages import language_of

    return language_of(text, LANGUAGES).code
