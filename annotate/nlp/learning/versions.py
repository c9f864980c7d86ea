"""Versions of the libraries that a learned model depends on."""

from __future__ import annotations

from importlib import metadata


def libraries() -> tuple[str, ...]:
    """Name and version of each."""
    return tuple(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "scikit-learn", "spacy"))
