"""Read a scheme folder: every file's bytes, scheme.toml parsed, all of it checked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from annotate.core.errors import ConfigError, Problem
from annotate.core.scheme import Scheme, parse_scheme

SCHEME_FILE = "scheme.toml"
LEXICONS = "lexicons"


def read_scheme(folder: Path) -> Scheme:
    """The checked scheme of one folder. Raises ConfigError that names each problem with its line.

    Hidden files (a name with a leading dot) are no part of a scheme, nor are its lexicons: they belong to
    the suggesters, whose own fingerprint covers them. A symbolic link is refused, because its target
    could change under an unchanged fingerprint.
    """
    shown = f"{folder.parent.name}/{folder.name}"
    files = _read_folder(folder, shown)
    data = _parse(files, f"{shown}/{SCHEME_FILE}")
    scheme = parse_scheme(data, file=f"{shown}/{SCHEME_FILE}", files=files)
    if scheme.name != folder.name:
        raise ConfigError(
            f"{shown}/{SCHEME_FILE} says it is the scheme {scheme.name!r}, but its folder is {folder.name!r}",
            hint="rename the folder or change `name`",
        )
    return scheme


def _read_folder(folder: Path, shown: str) -> dict[str, bytes]:
    if not (folder / SCHEME_FILE).is_file():
        known = sorted(path.parent.name for path in folder.parent.glob(f"*/{SCHEME_FILE}"))
        hint = (
            f"schemes here: {', '.join(known)}" if known else "no scheme is here; `annotate init` makes one"
        )
        raise ConfigError(f"there is no scheme at {shown}: {SCHEME_FILE} is missing", hint=hint)
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        parts = Path(name).parts
        if any(part.startswith(".") for part in parts) or parts[0] == LEXICONS:
            continue
        if path.is_symlink():
            problems.append(Problem(f"{shown}/{name}", 0, "is a symbolic link", "put the file itself here"))
        elif path.is_file():
            _read_into(files, path, name, shown, problems)
    if problems:
        raise ConfigError(f"the scheme {shown} cannot be read", problems=problems)
    return files


def _read_into(files: dict[str, bytes], path: Path, name: str, shown: str, problems: list[Problem]) -> None:
    try:
        files[name] = path.read_bytes()
    except OSError as error:
        problems.append(Problem(f"{shown}/{name}", 0, f"cannot be read: {error.strerror}"))


def _parse(files: dict[str, bytes], file: str) -> dict[str, object]:
    data = files[SCHEME_FILE]
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(file, line, "is not UTF-8", "save the file as UTF-8 without a byte order mark")
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        problem = Problem(file, int(found.group(1)) if found else 0, f"is not valid TOML: {error}")
    raise ConfigError(f"{file} cannot be read", problems=[problem])
