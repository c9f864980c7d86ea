"""One file that holds many: a plain tar whose first member lists all others with size and SHA-256.

Packing is deterministic: fixed order, no times, no owners. Unpacking trusts nothing: names from a fixed set
of shapes, plain files only, exactly the members that the list names, no byte more.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from annotate.core.errors import BadInput, IntegrityFailure, StorageFailure

MANIFEST = "manifest.json"
FORMAT = 1
_MANIFEST_LIMIT = 64_000_000  # bytes
_CHUNK = 1 << 20
_NAMES = (
    re.compile(r"db\.sqlite3"),
    re.compile(r"tables/(tables\.json|[a-z][a-z0-9_]{0,62}\.copy)"),
    re.compile(r"secrets/(secret-key|service-password)"),
    re.compile(r"media/.+", re.DOTALL),
)


def pack(folder: Path, target: Path, about: dict[str, Any]) -> int:
    """Write everything in ``folder`` into the file ``target`` (mode 0600), which appears whole or not at all.

    ``about`` goes into the manifest. Returns the size in bytes. Raises StorageFailure.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files: dict[str, dict[str, Any]] = {
        name: {"bytes": (folder / name).stat().st_size, "sha256": _digest(folder / name)} for name in names
    }
    manifest = json.dumps({"format": FORMAT, **about, "files": files}, indent=1, sort_keys=True) + "\n"
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "wb") as raw,
            tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            tar.addfile(_member(MANIFEST, len(manifest.encode())), io.BytesIO(manifest.encode()))
            for name in names:
                with (folder / name).open("rb") as source:
                    tar.addfile(_member(name, files[name]["bytes"]), source)
            tar.close()
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(target)
    except OSError as error:
        raise StorageFailure(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return target.stat().st_size


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Check the archive and write its files below the empty directory ``folder``; returns the manifest.

    Raises BadInput (not such an archive, or a hostile one) and IntegrityFailure (damaged).
    """
    with _opened(source) as tar:
        members = iter(tar)
        manifest = _manifest(source, tar, next(members, None))
        expected: dict[str, dict[str, Any]] = manifest["files"]
        missing = dict(expected)
        for member in members:
            _check_member(source, member, missing)
            _extract(source, tar, member, folder, missing.pop(member.name))
    if missing:
        raise IntegrityFailure(
            f"{source} is incomplete: {len(missing)} of {len(expected)} files are missing, "
            f"{min(missing)} for one",
            hint="use another copy",
        )
    return manifest


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    """``r:`` reads no compressed file, so nothing in it is larger than the file itself."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise BadInput(f"{source} is no backup of a server: {error}") from error
    except (BadInput, IntegrityFailure, StorageFailure):
        raise
    except OSError as error:
        raise StorageFailure(f"{source} cannot be unpacked: {error.strerror or error}") from error


def _manifest(source: Path, tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> dict[str, Any]:
    if member is None or member.name != MANIFEST or not _is_plain(member) or member.size > _MANIFEST_LIMIT:
        raise BadInput(f"{source} is no backup of a server: it does not begin with a {MANIFEST}")
    try:
        manifest = json.loads(_stream(tar, member).read(member.size))
        files = manifest["files"]
        well_formed = manifest["format"] == FORMAT and all(
            isinstance(name, str) and isinstance(one["bytes"], int) and isinstance(one["sha256"], str)
            for name, one in files.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"{source} is no backup of a server: its {MANIFEST} cannot be read") from error
    if not well_formed:
        raise BadInput(f"{source} was made by another version of annotate: its format is not {FORMAT}")
    if hostile := [name for name in files if not is_safe(name)]:
        raise BadInput(f"{source} holds a file that no backup holds: {hostile[0][:80]!r}")
    return manifest  # type: ignore[no-any-return]


def is_safe(name: str) -> bool:
    """Whether a member may have this name: one of our shapes, and a path that stays where it is put."""
    path = PurePosixPath(name)
    return (
        any(shape.fullmatch(name) for shape in _NAMES)
        and path.as_posix() == name
        and not path.is_absolute()
        and ".." not in path.parts
        and len(path.parts) <= 16
        and all(len(os.fsencode(part)) <= 255 for part in path.parts)
        and not any(ord(char) < 32 or char == "\\" for char in name)
    )


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()


def _check_member(source: Path, member: tarfile.TarInfo, missing: dict[str, dict[str, Any]]) -> None:
    if not _is_plain(member):
        raise BadInput(f"{source} holds {member.name[:80]!r}, which is no plain file")
    if member.name not in missing:
        raise BadInput(f"{source} holds {member.name[:80]!r}, which its list does not name, or twice")
    if member.size != missing[member.name]["bytes"]:
        raise IntegrityFailure(f"{source}: {member.name} has not the size that the list names")


def _extract(
    source: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, told: dict[str, Any]
) -> None:
    target = folder / member.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, stream = hashlib.sha256(), _stream(tar, member)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            handle.write(chunk)
        handle.flush()
        os.fsync(handle.fileno())
    if digest.hexdigest() != told["sha256"]:
        raise IntegrityFailure(f"{source} is damaged: {member.name} has changed", hint="use another copy")


def _stream(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(member)
    assert stream is not None  # a plain file
    return stream


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
