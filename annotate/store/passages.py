"""The passages of a build, read one at a time: a study may be larger than memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType

import msgspec

from annotate.core.errors import BadInput, Problem
from annotate.core.model import Passage
from annotate.store.built import check_built
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class _Named:
    """As much of a passage as finds it again."""

    passage_id: str


class Passages(Mapping[str, Passage]):
    """Passages by id, in the order of the build; only ids and places in the file are held.

    Close it, or use it in a ``with``. Raises as ``read_built`` does, when it is made.
    """

    def __init__(self, study: Study) -> None:
        check_built(study)
        path = study.built_dir / "passages.jsonl"
        shown = study.shown(path)
        self._decoder = msgspec.json.Decoder(Passage)
        self._numbers: dict[str, int] = {}
        self._places = array("Q")
        self._file = path.open("rb")
        try:
            self._scan(shown)
        except BaseException:
            self.close()
            raise

    def _scan(self, shown: str) -> None:
        decoder = msgspec.json.Decoder(_Named)
        at = 0
        for line, raw in enumerate(self._file, 1):
            try:
                one = decoder.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadInput(
                    f"{shown} is damaged", problems=[Problem(shown, line, f"not a passage: {error}")]
                ) from error
            self._numbers[one.passage_id] = len(self._places)
            self._places.append(at)
            at += len(raw)

    def __getitem__(self, passage_id: str) -> Passage:
        self._file.seek(self._places[self._numbers[passage_id]])
        return self._decoder.decode(self._file.readline())

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, passage_id: object) -> bool:
        return passage_id in self._numbers

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Passages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
