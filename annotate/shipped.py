"""Where the files that ship with the package lie: in the wheel, or in a checkout of the repository."""

from __future__ import annotations

from pathlib import Path

import annotate

_PACKAGE = Path(annotate.__file__).resolve().parent


def shipped(name: str) -> Path:
    """A shipped folder or file: ``schemas`` or ``sample``."""
    inside = _PACKAGE / "_data" / name
    if inside.exists():
        return inside
    checkout = _PACKAGE.parent
    return checkout if name == "sample" else checkout / name


SAMPLE_FILES = ("annotate.toml", "corpus/sources.csv", "corpus/scripted-annotators.json", "corpus/raw")
"""What makes up the sample study, relative to ``shipped("sample")``."""
