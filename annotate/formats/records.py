"""Records of text as CSV: for lists that are no table of a dataset."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def records_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, LF, RFC 4180: as the tables of a dataset are written."""
    lines: list[str] = []
    for record in (columns, *rows):
        cell = io.StringIO(newline="")
        # With CRLF as the line end the csv module quotes a cell that holds either of the two.
        csv.writer(cell, lineterminator="\r\n").writerow(record)
        lines.append(cell.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines).encode("utf-8", "surrogatepass")
