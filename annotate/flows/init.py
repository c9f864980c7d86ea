"""`annotate init DIR`: a new study, ready to run."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from annotate.core.errors import Conflict, UsageError
from annotate.shipped import SAMPLE_FILES, shipped
from annotate.store.config import CONFIG_NAME
from annotate.store.files import replace_file, storage_errors
from annotate.store.study import Study

SCHEME = "source-criticism"

_CONFIG = """\
# What this study is. docs/configuration.md explains every key; an unknown key is an error.
[study]
id = "{id}"
name = {name}
languages = [{languages}]
scheme = "{scheme}"

[server]
# "embedded" is the Doccano that `annotate server start` runs on this machine; or an address:
# url = "https://doccano.example.org"
url = "embedded"

# One table for each person who labels. `pseudonym` is how datasets call them.
# [[annotators]]
# user = "maria"
# pseudonym = "A1"
# language = "de"

[passes.spans]
suggest = ["source_criticism"]
passage_length = 5000
"""

_SOURCES = "file,sha256,encoding,retrieved_from,retrieved_at,retrieved_by,rights,note,redistribution\n"
_GITIGNORE = "/corpus/.state/\n/corpus/built/\n"
_GITATTRIBUTES = "# The sources are bytes, not text: no line-end conversion, ever.\ncorpus/raw/** -text\n"


@dataclass(frozen=True, slots=True)
class InitReport:
    """Where the new study is and what was put there."""

    root: Path
    files: tuple[str, ...]


def init(folder: Path, *, name: str | None = None, languages: tuple[str, ...] = ("de", "en")) -> InitReport:
    """Make a study in a new or empty folder. Raises Conflict where something is in the way."""
    for language in languages:
        if not (language.isascii() and language.isalpha() and len(language) in (2, 3)):
            raise UsageError(
                f"{language!r} is no language code", hint="for instance: --language de --language en"
            )
    root = folder.resolve()
    _require_empty(root)
    title = _toml_string(name or root.name)
    config = _CONFIG.format(
        id=uuid.uuid4(), name=title, languages=", ".join(map(_toml_string, languages)), scheme=SCHEME
    )
    with storage_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        for data in ("corpus/raw", "exports"):
            (root / data).mkdir(parents=True, exist_ok=True)
        shutil.copytree(shipped("schemas"), root / "schemas", dirs_exist_ok=True)
    files = {
        ".gitignore": _GITIGNORE,
        ".gitattributes": _GITATTRIBUTES,
        "corpus/sources.csv": _SOURCES,
        # Last, because it is what makes the folder a study.
        CONFIG_NAME: config,
    }
    for file, text in files.items():
        replace_file(root / file, text.encode("utf-8"))
    return InitReport(root, (*files, "corpus/raw/", "schemas/", "exports/"))


def make_sample(folder: Path, *, config: str | None = None) -> Study:
    """The sample study in a folder of its own; ``config`` replaces its annotate.toml."""
    root = folder.resolve()
    if (root / CONFIG_NAME).is_file():
        return Study(root)
    _require_empty(root)
    sample = shipped("sample")
    with storage_errors(root):
        shutil.copytree(shipped("schemas"), root / "schemas", dirs_exist_ok=True)
        for name in sorted(SAMPLE_FILES, reverse=True):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (sample / name).is_dir():
                shutil.copytree(sample / name, target, dirs_exist_ok=True)
            elif name != CONFIG_NAME:
                shutil.copyfile(sample / name, target)
    text = config if config is not None else (sample / CONFIG_NAME).read_text(encoding="utf-8")
    replace_file(root / CONFIG_NAME, text.encode("utf-8"))
    return Study(root)


def _require_empty(root: Path) -> None:
    if (root / CONFIG_NAME).exists():
        raise Conflict(f"{root} is a study already", hint="nothing was changed")
    if root.is_dir() and any(root.iterdir()):
        raise Conflict(f"{root} is not empty", hint="name a folder that does not exist yet")
    if root.exists() and not root.is_dir():
        raise Conflict(f"{root} is a file", hint="name a folder that does not exist yet")


def _toml_string(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(char) < 32 or ord(char) == 127 for char in escaped):
        raise UsageError("a study's name is one line of text")
    return f'"{escaped}"'
