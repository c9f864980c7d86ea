"""corpus/sources.csv: read strictly, added to without touching what is there."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.store.registry import COLUMNS, Row, append_rows, is_rfc3339, parse_registry

# What files of earlier versions begin with; they stay valid.
HEADER = ",".join(COLUMNS[:8])
HASH = "ab" * 32
NEW = Row(0, "new.txt", "cd" * 32)


def problems_of(text: str | bytes) -> list[tuple[int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(one.line, one.what) for one in parse_registry(data).problems]


def test_rows_know_their_line_even_behind_cells_with_line_ends() -> None:
    text = f'{HEADER}\na.txt,{HASH},,,,,,"two\nlines"\n\nb.txt,{HASH.upper()},cp1252,,2025-11-01,,,\n'
    registry = parse_registry(text.encode())
    assert registry.problems == ()
    assert [(row.line, row.file, row.sha256, row.encoding) for row in registry.rows] == [
        (2, "a.txt", HASH, ""),
        (5, "b.txt", HASH, "cp1252"),
    ]


BAD = {
    "unknown column": (f"{HEADER},colour\n", [(1, "unknown column 'colour'")]),
    "missing column": ("file,sha256\n", [(1, f"column {name!r} is missing") for name in COLUMNS[2:8]]),
    "column twice": (f"{HEADER},file\n", [(1, "column 'file' is there twice")]),
    "too few cells": (f"{HEADER}\na.txt,{HASH}\n", [(2, "has 2 cells, the header has 8")]),
    "no hash": (f"{HEADER}\na.txt,,,,,,,\n", [(2, "sha256 '' is no SHA-256")]),
    "bad hash": (f"{HEADER}\na.txt,{HASH}f,,,,,,\n", [(2, f"sha256 '{HASH}f' is no SHA-256")]),
    "bad time": (
        f"{HEADER}\na.txt,{HASH},,,yesterday,,,\n",
        [(2, "retrieved_at 'yesterday' is no RFC 3339 time")],
    ),
    "a path out of raw": (
        f"{HEADER}\n../a.txt,{HASH},,,,,,\n",
        [(2, "file '../a.txt' is not below corpus/raw")],
    ),
    "an absolute path": (f"{HEADER}\n/etc/a,{HASH},,,,,,\n", [(2, "file '/etc/a' is not below corpus/raw")]),
    "named twice": (
        f"{HEADER}\na.txt,{HASH},,,,,,\na.txt,{HASH},,,,,,\n",
        [(3, "is named on line 2 already")],
    ),
    "an open quotation mark": (
        f'{HEADER}\na.txt,{HASH},,,,,,"x\n',
        [(2, "is not valid CSV: unexpected end of data")],
    ),
    "not UTF-8": (f"{HEADER}\n".encode() + b"K\xfcste,,,,,,,\n", [(2, "is not UTF-8")]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named_with_its_line(name: str) -> None:
    text, wanted = BAD[name]
    assert problems_of(text) == wanted


def test_all_bad_rows_are_named_at_once() -> None:
    text = f"{HEADER}\na.txt,x,,,now,,,\n../b,{HASH},,,,,,\nc.txt,{HASH}\n"
    assert sorted(line for line, _ in problems_of(text)) == [2, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "\ufeff", "\n"])
def test_an_empty_file_is_an_empty_registry_and_gets_a_header(text: str) -> None:
    registry = parse_registry(text.encode())
    assert (registry.rows, registry.problems) == ((), ())
    added = append_rows(registry, [NEW]).decode()
    assert added.startswith("\ufeff") == text.startswith("\ufeff")
    assert added.removeprefix("\ufeff") == f"{','.join(COLUMNS)}\nnew.txt,{NEW.sha256},,,,,,,\n"


cells = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


@given(
    st.lists(cells, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([",", ";", "\t"]),
)
def test_adding_rows_keeps_every_byte_that_was_there(
    notes: list[str], newline: str, mark: bool, final: bool, delimiter: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS[:8][::-1])
    for number, note in enumerate(notes):
        writer.writerow([note, "", "", "", "", "", HASH, f"{number}.txt"])
    text = ("\ufeff" if mark else "") + out.getvalue()
    data = (text if final else text.removesuffix(newline)).encode()
    registry = parse_registry(data)
    assert registry.problems == ()
    added = append_rows(registry, [NEW])
    assert added.startswith(data)
    again = parse_registry(added)
    assert again.problems == ()
    assert [(row.file, row.note) for row in again.rows] == [
        *((f"{number}.txt", note) for number, note in enumerate(notes)),
        ("new.txt", ""),
    ]


def test_nothing_to_add_changes_nothing() -> None:
    data = f"{HEADER}\r\n".encode()
    assert append_rows(parse_registry(data), []) == data


@pytest.mark.parametrize("text", ["2025-11-01T09:00:00Z", "2025-11-01t09:00:00.5+01:00", "2025-11-01"])
def test_rfc3339(text: str) -> None:
    assert is_rfc3339(text)


@pytest.mark.parametrize(
    "text", ["2025-11-01T09:00Z", "2025-13-01", "01.11.2025", "2025-11-01T09:00:00", "x"]
)
def test_not_rfc3339(text: str) -> None:
    assert not is_rfc3339(text)
