"""Write docs/commands.md from the commands' own help. `--check` fails when the file is stale."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# Help is laid out for the terminal it is printed on; the page must not depend on ours.
os.environ["COLUMNS"] = os.environ["TERMINAL_WIDTH"] = "100"

import typer.main

from annotate.cli.app import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """# Commands

Made from the commands' own `--help` by `python tools/command_reference.py`; a test fails when it is stale.
"""


def commands(command: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command with its words, groups before what they hold."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


def page() -> str:
    """The whole page."""
    root = typer.main.get_command(app)
    parts = [HEAD]
    for path, command in commands(root, ("annotate",)):
        parent = None
        for depth in range(len(path)):
            kind = _at(root, path[1 : depth + 1])
            parent = kind.make_context(path[depth], ["--help"], parent=parent, resilient_parsing=True)
        help_text = "\n".join(line.rstrip() for line in command.get_help(parent).splitlines())
        parts.append(f"## {' '.join(path)}\n\n```\n{help_text.strip()}\n```\n")
    return "\n".join(parts)


def _at(root: object, path: tuple[str, ...]) -> object:
    for name in path:
        root = root.commands[name]
    return root


def main() -> int:
    """Exit status: 1 when `--check` finds the page stale."""
    text = page()
    if "--check" in sys.argv[1:]:
        fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        if not fresh:
            print("docs/commands.md is stale: run python tools/command_reference.py", file=sys.stderr)
        return 0 if fresh else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
