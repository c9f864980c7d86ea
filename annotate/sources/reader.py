"""Bytes to text, with the encoding and how it was decided. Nothing is guessed silently.

Order: byte order mark, the ``encoding`` of sources.csv, strict UTF-8, and only then a library's
detection, which is recorded and raised as a doubt. Whatever is chosen, the text encodes back to the
very bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from annotate.core.offsets import LineIndex

# UTF-32 before UTF-16: its little-endian mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Written with a mark of their own by Python: sources.csv may say either.
_SAME_AS = {"utf-8-sig": "utf-8", "utf-16": "utf-16-", "utf-32": "utf-32-"}

# Tried in detection. Where the library finds two equally likely, the one named first is taken.
# Central European pages are left out: German fits them as well, and they would win by chance.
DETECTABLE = (
    "cp1252",
    "iso8859-15",
    "mac-roman",
    "cp850",
    "cp1251",
    "koi8-r",
    "cp949",
    "gb18030",
    "shift_jis",
    "euc_jp",
    "big5",
)

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{\\rtf", "an RTF document"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")
_HTML = re.compile(r"\s*(?:<!doctype html|<html\b)", re.IGNORECASE)
_MOST_CONTROL = 0.002


class Unreadable(ValueError):
    """A source that cannot be read as text: what is wrong, on which line (0: none), what to do."""

    def __init__(self, what: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a source. ``text.encode(encoding)`` is its bytes; ``doubts`` are for the report."""

    text: str
    encoding: str
    evidence: str
    doubts: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode the bytes of one source; ``encoding`` is what sources.csv says. Raises Unreadable."""
    decoded = _decode(data, encoding or None)
    if _HTML.match(decoded.text):
        doubt = "looks like HTML: its markup is read as text; save the page as plain text"
        return Decoded(decoded.text, decoded.encoding, decoded.evidence, (*decoded.doubts, doubt))
    return decoded


def _decode(data: bytes, encoding: str | None) -> Decoded:
    if not data:
        return Decoded("", "utf-8", "empty file")
    for mark, marked in _MARKS:
        if data.startswith(mark):
            _check_agrees(marked, encoding)
            return Decoded(_strictly(data, marked), marked, "byte order mark")
    _refuse_known_binary(data)
    if encoding is not None:
        name = _text_codec(encoding)
        return Decoded(_strictly(data, name), name, "sources.csv")
    _refuse_control_bytes(data)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "valid UTF-8")
    except UnicodeDecodeError as error:
        return _detected(data, error)


def _check_agrees(marked: str, encoding: str | None) -> None:
    if encoding is None:
        return
    named = _text_codec(encoding)
    if not marked.startswith(_SAME_AS.get(named, named)):
        raise Unreadable(
            f"its byte order mark says {marked}, sources.csv says {encoding}",
            hint="empty the cell `encoding` in corpus/sources.csv",
        )


def _text_codec(encoding: str) -> str:
    hint = "correct the cell `encoding` in corpus/sources.csv, e.g. cp1252"
    try:
        codec = codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError, UnicodeError) as error:
        raise Unreadable(f"{encoding!r} is no text encoding", hint=hint) from error
    return codec.name


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, encoding, error.start) from error
    except UnicodeError as error:
        raise Unreadable(f"is not valid {encoding}: {error}", hint=_SET_ENCODING) from error
    if text.encode(encoding) != data:
        raise Unreadable(f"does not encode back to its own bytes as {encoding}", hint=_SET_ENCODING)
    return text


_SET_ENCODING = "repair the file, or set `encoding` in corpus/sources.csv"


def _undecodable(data: bytes, encoding: str, at: int) -> Unreadable:
    before = data[:at].decode(encoding, "replace")
    line = LineIndex(before + "?").line_of(len(before))
    found = " ".join(f"{byte:02X}" for byte in data[at : at + 2])
    return Unreadable(
        f"byte {at} ({found}) cannot be read as {encoding}: undecodable", line=line, hint=_SET_ENCODING
    )


def _refuse_known_binary(data: bytes) -> None:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise Unreadable(f"is {name}, a binary file, not plain text", hint="save it as plain text")


def _refuse_control_bytes(data: bytes) -> None:
    nul = data.find(b"\0")
    hint = "save it as plain text; if it is UTF-16, set `encoding` in corpus/sources.csv"
    if nul >= 0:
        raise Unreadable(
            f"is a binary file: a NUL byte at offset {nul}", line=data.count(b"\n", 0, nul) + 1, hint=hint
        )
    count = sum(1 for _ in _CONTROL.finditer(data))
    if count > max(2, len(data) * _MOST_CONTROL):
        raise Unreadable(f"is a binary file: {count} control characters", hint=hint)


def _detected(data: bytes, error: UnicodeDecodeError) -> Decoded:
    broken = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    multibyte = sum(1 for _ in _MULTIBYTE.finditer(data))
    if multibyte >= broken:
        # UTF-8 with a few broken bytes: any other reading would turn every umlaut into two characters.
        raise _undecodable(data, "utf-8", error.start)
    found = _best_guess(data)
    if found is None:
        raise _undecodable(data, "utf-8", error.start)
    encoding, version, confidence = found
    evidence = f"detected by charset-normalizer {version}, confidence {confidence:.2f}"
    doubt = f"encoding {encoding} was {evidence}; set `encoding` in corpus/sources.csv if it is so"
    return Decoded(data.decode(encoding), encoding, evidence, (doubt,))


def _best_guess(data: bytes) -> tuple[str, str, float] | None:
    import charset_normalizer

    matches = list(charset_normalizer.from_bytes(data, cp_isolation=list(DETECTABLE)))
    if not matches:
        return None
    least = min((match.chaos, -match.coherence) for match in matches)
    same = {
        codecs.lookup(name).name
        for match in matches
        if (match.chaos, -match.coherence) == least
        for name in match.could_be_from_charset
    }
    for codec in (codecs.lookup(name).name for name in DETECTABLE):
        if codec in same and _round_trips(data, codec):
            return codec, charset_normalizer.__version__, 1.0 - least[0]
    return None


def _round_trips(data: bytes, encoding: str) -> bool:
    try:
        return data.decode(encoding).encode(encoding) == data
    except UnicodeError:
        return False
