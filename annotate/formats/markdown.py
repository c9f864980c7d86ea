"""Markdown from values: text of others takes no effect in it."""

from __future__ import annotations

from collections.abc import Sequence

_ESCAPES = str.maketrans({"\\": "\\\\", "|": "\\|", "[": "\\[", "]": "\\]", "<": "&lt;", ">": "&gt;"})


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The lines of a table; ``None.`` for one without rows."""
    if not rows:
        return ["None."]
    lines = [_line(header), _line(["---"] * len(header))]
    return [*lines, *(_line([plain(str(cell)) for cell in row]) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plain(text: str) -> str:
    """Text of others in Markdown: one line, no markup of theirs takes effect."""
    return "".join(char if char.isprintable() else "�" for char in text).translate(_ESCAPES)
