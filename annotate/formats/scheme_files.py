"""The label scheme and its guidelines, as a dataset carries them: what annotators worked by."""

from __future__ import annotations

from pathlib import PurePosixPath

from annotate.core.scheme import Scheme

FOLDER = "scheme"


def scheme_files(scheme: Scheme) -> dict[str, bytes]:
    """Path inside the dataset to bytes, for every file of the scheme's folder."""
    root = PurePosixPath(FOLDER) / scheme.name
    return {(root / name).as_posix(): data for name, data in scheme.files}
