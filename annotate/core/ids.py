"""Identifiers that follow from content, so that the same input has the same id anywhere."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

ID_DIGITS = 12
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes) -> str:
    """SHA-256 of bytes, 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, 64 lower-case hex digits; half a surrogate pair is no obstacle."""
    return sha256_hex(text.encode("utf-8", "surrogatepass"))


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """One byte form for one JSON value: sorted keys, no blanks, UTF-8, no NaN."""
    return _CANONICAL.encode(value).encode("utf-8")


def content_id(prefix: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """``prefix-`` and twelve hex digits of the SHA-256 of the value's canonical JSON."""
    return f"{prefix}-{sha256_hex(_listed(value) or canonical_json(value))[:ID_DIGITS]}"


def _listed(value: Any) -> bytes | None:  # noqa: ANN401 - any JSON value
    """The canonical JSON of a list of texts and whole numbers, which nearly every id is made of.

    The encoder sets itself up anew at each call; a dataset has hundreds of thousands of ids.
    """
    if type(value) is not list or not all(type(one) in (str, int) for one in value):
        return None
    parts = [str(one) if type(one) is int else _quoted(one) for one in value]
    return f"[{','.join(parts)}]".encode()


_quoted = json.encoder.encode_basestring


def source_id(data: bytes) -> str:
    """Id of a source: it is its bytes."""
    return f"src-{sha256_hex(data)[:ID_DIGITS]}"


def stable_uuid4(*parts: str) -> str:
    """A UUID that follows from its parts and passes for version 4.

    Doccano refuses any other version as ``example_uuid``, and refuses a repeated one: that
    makes it a key for imports whose answer was lost.
    """
    digest = bytearray(hashlib.sha256("\0".join(parts).encode("utf-8")).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x40
    digest[8] = (digest[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))
