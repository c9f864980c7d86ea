"""Where a study keeps what, and the lock that one writer at a time holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from annotate.core.errors import ConfigError, StorageFailure
from annotate.store.config import CONFIG_NAME, Config, read_config
from annotate.store.files import storage_errors


@dataclass(frozen=True)
class Study:
    """A study folder; the paths are those of DESIGN section 5."""

    root: Path

    @cached_property
    def config(self) -> Config:
        """annotate.toml, read once. Raises ConfigError."""
        return read_config(self.root / CONFIG_NAME)

    @property
    def corpus(self) -> Path:
        """What the study holds."""
        return self.root / "corpus"

    @property
    def raw_dir(self) -> Path:
        """The sources, byte for byte as received."""
        return self.corpus / "raw"

    @property
    def sources_csv(self) -> Path:
        """The acquisition record that people edit."""
        return self.corpus / "sources.csv"

    @property
    def built_dir(self) -> Path:
        """Segments, documents and passages: reproducible from ``raw``."""
        return self.corpus / "built"

    @property
    def suggestions_dir(self) -> Path:
        """One file a suggestion run."""
        return self.corpus / "suggestions"

    @property
    def snapshots_dir(self) -> Path:
        """What each pull read, verbatim."""
        return self.corpus / "snapshots"

    @property
    def ledger_dir(self) -> Path:
        """The hash-chained history."""
        return self.corpus / "ledger"

    @property
    def state_dir(self) -> Path:
        """Lock, embedded server, temporary files: disposable, never committed."""
        return self.corpus / ".state"

    @property
    def schemas_dir(self) -> Path:
        """Label schemes, one folder each."""
        return self.root / "schemas"

    @property
    def scheme_dir(self) -> Path:
        """The scheme this study labels with."""
        return self.schemas_dir / self.config.study.scheme

    @property
    def exports_dir(self) -> Path:
        """Datasets: derived, never edited."""
        return self.root / "exports"

    @property
    def models_dir(self) -> Path:
        """Learned suggesters: derived, made again by the same seed."""
        return self.root / "models"

    def shown(self, path: Path) -> str:
        """A path as messages show it: relative to the study."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    @contextmanager
    def writing(self, verb: str) -> Iterator[None]:
        """Hold the study's lock while ``verb`` writes. Raises StorageFailure when another run holds it."""
        with storage_errors(self.state_dir):
            self.state_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.state_dir / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise StorageFailure(
                f"another annotate command is writing to {self.root}, so `{verb}` did not start",
                hint="wait until it is done and run the same command again",
            ) from error
        try:
            yield
        finally:
            lock.release()


def find_study(start: Path) -> Study:
    """The study that ``start`` lies in. Raises ConfigError where there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return Study(folder)
    raise ConfigError(
        f"{start} is not inside a study: no {CONFIG_NAME} here or above",
        hint="change into one, name one with --study DIR, or make one with `annotate init DIR`",
    )
