"""Which documents train a model and which test it: by a hash, so that growth hardly moves one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from annotate.core.ids import sha256_hex

SPLITS: Final = {"train": 0.8, "dev": 0.1, "test": 0.1}
SEED: Final = "annotate-1"


def splits_of(documents: Iterable[str], seed: str = SEED) -> dict[str, str]:
    """The split of each document by the hash of its id.

    With three documents or more no split is empty: one that the hashes leave empty gets the document with
    the highest hash of the split that has the most.
    """
    shares = {one: int(sha256_hex(f"{seed}\0{one}".encode())[:16], 16) / 2**64 for one in set(documents)}
    found = {one: _split_at(share) for one, share in sorted(shares.items())}
    for name in SPLITS if len(found) > 2 else ():
        if name not in found.values():
            most = max(SPLITS, key=lambda one: sum(split == one for split in found.values()))
            found[max((one for one in found if found[one] == most), key=lambda one: (shares[one], one))] = (
                name
            )
    return found


def _split_at(share: float) -> str:
    reach = 0.0
    for name, part in SPLITS.items():
        reach += part
        if share < reach:
            return name
    return name
