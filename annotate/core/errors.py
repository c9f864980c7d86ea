"""The one tree of errors a user can meet, each with an exit code, a place and a hint.

AnnotateError            1   our own bug when raised bare
├── UsageError           2   the command line does not fit
├── ConfigError          3   annotate.toml, the scheme or a secret
├── BadInput             4   a source, a table or a file somebody gave us
├── Refused              5   the server said 401 or 403
├── ServerFailure        6   the server is unreachable, timed out or failed
├── Conflict             7   the study and the world disagree; a person decides
├── IntegrityFailure     8   a chain, hash or quote does not hold
├── StorageFailure       9   disk full, lock taken, permission denied
├── PartlyDone          10   the rest was done; the refused rows are listed
└── VerifyFailed        11   verify found violations
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what to do.

    ``file`` is relative to the study where it can be; ``line`` is 1-based, 0 when there is none;
    ``subject`` names a document, label or row.
    """

    file: str
    line: int
    what: str
    hint: str = ""
    subject: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [part for part in (place, self.subject) if part]
        head = " ".join(parts)
        text = f"{head}: {self.what}" if head else self.what
        return f"{text} ({self.hint})" if self.hint else text


class AnnotateError(Exception):
    """What happened, where, and what to do; ``problems`` lists every instance, not only the first."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "bug"
    retry: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems: tuple[Problem, ...] = tuple(problems)


class UsageError(AnnotateError, ValueError):
    """The command line does not fit together."""

    exit_code = 2
    kind = "usage"


class ConfigError(AnnotateError, ValueError):
    """The configuration, the scheme or a secret is missing or wrong."""

    exit_code = 3
    kind = "configuration"


class BadInput(AnnotateError, ValueError):
    """A file somebody gave us cannot be used as it is."""

    exit_code = 4
    kind = "bad_input"


class Refused(AnnotateError, PermissionError):
    """The server knows us or not, and says no (401, 403)."""

    exit_code = 5
    kind = "refused"


class ServerFailure(AnnotateError, ConnectionError):
    """The server is unreachable, timed out, or answered with a failure of its own."""

    exit_code = 6
    kind = "server"
    retry = True


class Conflict(AnnotateError):
    """Study and server, or study and sources, disagree; nothing was overwritten."""

    exit_code = 7
    kind = "conflict"


class IntegrityFailure(AnnotateError):
    """A hash chain, a checksum or a quote does not hold."""

    exit_code = 8
    kind = "integrity"


class StorageFailure(AnnotateError, OSError):
    """The disk is full, a lock is taken, or a file may not be written."""

    exit_code = 9
    kind = "storage"
    retry = True


class PartlyDone(AnnotateError):
    """Everything that could be done was done; ``problems`` lists the rest."""

    exit_code = 10
    kind = "partly_done"


class VerifyFailed(AnnotateError):
    """Verification found violations; ``problems`` names each."""

    exit_code = 11
    kind = "violations"


def exit_code_of(error: BaseException) -> int:
    """Map any exception to the documented exit code of the command line."""
    if isinstance(error, AnnotateError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return 130
    return 1
