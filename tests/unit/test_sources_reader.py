"""Bytes to text: the encoding, how it was decided, and what is refused."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import charset_normalizer
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from annotate.sources.files import check_name, list_raw, read_file
from annotate.sources.reader import Unreadable, decode

GERMAN = "Die Führung begrüßt die Völker „für immer“ – so groß ist die Größe der Küste. " * 3


@given(texts)
def test_utf8_round_trips_with_and_without_a_mark(text: str) -> None:
    data = text.encode()
    if any(ord(character) < 32 and character not in "\t\n\r\v\f\x1b" for character in text):
        return  # binary, tested below
    decoded = decode(data)
    assert decoded.text.encode(decoded.encoding) == data
    assert decoded.doubts == ()


@given(texts, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_a_byte_order_mark_decides_and_stays_in_the_text(text: str, encoding: str) -> None:
    data = ("\ufeff" + text).encode(encoding)
    if encoding == "utf-16-le" and text.startswith("\0"):
        return  # the same bytes are the mark of UTF-32
    decoded = decode(data)
    assert decoded.text == "\ufeff" + text
    assert (decoded.encoding, decoded.evidence) == (encoding, "byte order mark")
    assert decoded.text.encode(decoded.encoding) == data


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "cp850"])
def test_a_detected_encoding_is_recorded_with_its_library_and_doubted(encoding: str) -> None:
    data = GERMAN.replace("„", "").replace("“", "").replace("–", "-").encode(encoding)
    decoded = decode(data)
    assert codecs.lookup(decoded.encoding) == codecs.lookup(encoding)
    assert decoded.text.encode(decoded.encoding) == data
    assert f"charset-normalizer {charset_normalizer.__version__}" in decoded.evidence
    assert "confidence" in decoded.evidence
    assert any("encoding" in doubt for doubt in decoded.doubts)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Привет мир, это текст о дружбе народов и о мире во всём мире."),
        ("koi8-r", "Привет мир, это текст о дружбе народов и о мире во всём мире."),
        ("cp949", "안녕하세요. 이것은 두 나라 인민의 친선에 대한 기사입니다."),
    ],
)
def test_other_scripts_are_detected(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_what_sources_csv_says_is_no_guess() -> None:
    decoded = decode(GERMAN.encode("cp1252"), "windows-1252")
    assert (decoded.text, decoded.encoding) == (GERMAN, "cp1252")
    assert (decoded.evidence, decoded.doubts) == ("sources.csv", ())


def test_utf16_without_a_mark_is_read_when_sources_csv_says_so() -> None:
    data = "Grüße\n".encode("utf-16-le")
    assert decode(data, "utf-16-le").text == "Grüße\n"
    with pytest.raises(Unreadable, match="NUL"):
        decode(data)


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"").text == ""


def test_html_is_read_but_doubted() -> None:
    assert any("HTML" in doubt for doubt in decode(b"<!DOCTYPE html>\n<p>Text</p>").doubts)


BAD = {
    "a stray byte in UTF-8": ("Führung\nist gut, ölig\n".encode() + b"ab\xffc\n", None, "byte 26 .FF 63.", 3),
    "UTF-8 that breaks off": ("Führung ö".encode()[:-1], None, "undecodable", 1),
    "NUL bytes": (b"text\n\0\0\0", None, "NUL byte at offset 5", 2),
    "control characters": (bytes(range(1, 9)) * 50 + b"text", None, "control characters", 0),
    "a PDF": (b"%PDF-1.7\nobj", None, "a PDF", 0),
    "an office document": (b"PK\x03\x04rest", None, "ZIP", 0),
    "not what sources.csv says": ("Größe".encode("cp1252"), "utf-8", "undecodable", 1),
    "an encoding that does not exist": (b"text", "klingon", "no text encoding", 0),
    "a codec that is no encoding": (b"text", "base64", "no text encoding", 0),
    "not reversible": (b"+AGEAYg-", "utf-7", "does not encode back", 0),
    "a mark that contradicts": ("\ufeffab".encode("utf-16-le"), "utf-8", "byte order mark", 0),
    "half a UTF-16 unit": (codecs.BOM_UTF16_LE + b"a", None, "utf-16-le", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_says_where_and_why(name: str) -> None:
    data, encoding, message, line = BAD[name]
    with pytest.raises(Unreadable, match=message) as caught:
        decode(data, encoding)
    assert caught.value.line == line
    assert caught.value.hint


@pytest.mark.parametrize("named", ["utf-8", "UTF-8-SIG", "utf8"])
def test_a_mark_agrees_with_either_name_of_utf8(named: str) -> None:
    assert decode("\ufeffab".encode(), named).encoding == "utf-8"


# --- files --------------------------------------------------------------------------------------------
def test_files_below_raw_are_listed_without_dot_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "b/a.txt", ".hidden", "a.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert list_raw(tmp_path) == ["a.txt", "b/a.txt", "c.txt"]
    assert list_raw(tmp_path / "none") == []


def test_a_file_over_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(Unreadable, match=r"200\.0 MB or more, over the limit of 50 MB"):
        read_file(big)


def test_what_is_no_regular_file_inside_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (tmp_path / "outside.txt").write_bytes(b"secret")
    os.mkfifo(raw / "pipe")
    (raw / "folder").mkdir()
    (raw / "dangling").symlink_to("nothing.txt")
    (raw / "escape").symlink_to(tmp_path / "outside.txt")
    (raw / "loop").symlink_to("loop")
    wanted = {
        "pipe": "no regular file",
        "folder": "is a folder",
        "dangling": "symbolic link to nothing",
        "escape": "symbolic link out of",
        "loop": "cannot be read",
        "absent": "does not exist",
    }
    for name, message in wanted.items():
        with pytest.raises(Unreadable, match=message):
            read_file(raw / name, inside=raw)


def test_a_link_inside_raw_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    (tmp_path / "b.txt").symlink_to("a.txt")
    assert read_file(tmp_path / "b.txt", inside=tmp_path) == b"text"


def unreadable(folder: Path) -> Path:
    """A regular file that this user cannot read; root reads any mode, but not the memory of nothing."""
    if os.geteuid() == 0:
        return Path("/proc/self/mem")
    path = folder / "locked.txt"
    path.write_bytes(b"x")
    path.chmod(0)
    return path


def test_a_file_that_cannot_be_read_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        read_file(unreadable(tmp_path))


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../b", "a\\b", "C:/x", ".hidden", "a/.b", "=cmd()", "+1", "a\nb", "a//b"],
)
def test_names_that_could_do_harm_are_refused(name: str) -> None:
    assert check_name(name)


@pytest.mark.parametrize("name", ["a.txt", "2020/April/01.txt", "Küste – neu (2).txt", "코리아.txt"])
def test_plain_names_are_fine(name: str) -> None:
    assert check_name(name) is None
