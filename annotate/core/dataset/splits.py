"""Which documents train a model and which test it: by a hash, so that growth moves no document."""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")
SEED = "1"
_TRAIN, _DEV = 0.8, 0.9
_ALL = 1 << 32


def split_of(document_id: str, source_id: str = "", *, seed: str = SEED) -> Split:
    """The split of a document: 80 % train, 10 % dev, 10 % test of many; of few, one may be empty.

    Where no document is known the source decides: texts of one source stay together.
    """
    digest = sha256(f"{seed}\0{document_id or source_id}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / _ALL
    if share < _TRAIN:
        return "train"
    return "dev" if share < _DEV else "test"
