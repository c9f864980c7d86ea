"""The suggestions that a passage is pushed with, found again in the runs' files when it is its turn."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import BinaryIO

import msgspec

from annotate.core.errors import Problem
from annotate.core.model import Suggestion, SuggestionRun
from annotate.core.pushing import in_order, merge_suggestions
from annotate.store.study import Study
from annotate.store.suggestions import require_no_problems, run_files, scan_run

FILE_BITS, PLACE_BITS = 24, 40


class _Places:
    """Where a run's suggestions are: for each line the passage's number, the label's, and the byte."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self.passages = array("L")
        self.labels = array("L")
        self.offsets = array("Q")

    def take(self, at: int, one: Suggestion) -> None:
        """One line that begins at this byte."""
        self.passages.append(self._chosen.number(one.passage_id))
        self.labels.append(self._chosen.label_number(one.label))
        self.offsets.append(at)


class Chosen:
    """For each passage the suggestions of the newest run of every agent that saw it.

    ``order`` are the agents whose word comes first where two say the same. Every line of every run is
    checked when this is made; what is held is a few numbers a suggestion. Close it, or use it in a
    ``with``. Raises BadInput naming every bad line of every file.
    """

    def __init__(self, study: Study, order: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        self._label_numbers: dict[str, int] = {}
        self._decoder = msgspec.json.Decoder(Suggestion)
        self._used: set[int] = set()
        self._passages = array("L")
        self._runs = array("L")
        self._offsets = array("Q")
        with ExitStack() as stack:
            self._files = self._index(study, order, stack)
            self._stack = stack.pop_all()

    def number(self, passage_id: str) -> int:
        """The number that this index gives a passage."""
        return self._numbers.setdefault(passage_id, len(self._numbers))

    def label_number(self, label: str) -> int:
        """The number that this index gives a label."""
        return self._label_numbers.setdefault(label, len(self._label_numbers))

    def _index(self, study: Study, order: Sequence[str], stack: ExitStack) -> list[BinaryIO]:
        problems: list[Problem] = []
        runs: list[SuggestionRun] = []
        places: dict[str, _Places] = {}
        for path in run_files(study):
            found = _Places(self)
            run = scan_run(path, study.shown(path), problems, found.take)
            if run is not None:
                runs.append(run)
                places[run.run_id] = found
        require_no_problems(problems)
        keys: list[int] = []
        files: list[BinaryIO] = []
        for agent in in_order(runs, order):
            seen: set[int] = set()
            for run in agent:
                # A passage that this run has no suggestions for counts as seen, too.
                looked_at = {self.number(one) for one in run.passages_seen}
                keys.extend(self._keys(places[run.run_id], looked_at - seen, len(files)))
                seen |= looked_at
                files.append(stack.enter_context((study.suggestions_dir / f"{run.run_id}.jsonl").open("rb")))
        self._sort(keys)
        return files

    def _keys(self, mine: _Places, fresh: set[int], file: int) -> Iterator[int]:
        """One number a suggestion, so that half a million of them are cheap to sort."""
        for passage, label, at in zip(mine.passages, mine.labels, mine.offsets, strict=True):
            if passage in fresh:
                self._used.add(label)
                yield ((passage << FILE_BITS | file) << PLACE_BITS) | at

    def _sort(self, keys: list[int]) -> None:
        keys.sort()
        for key in keys:
            self._passages.append(key >> (FILE_BITS + PLACE_BITS))
            self._runs.append(key >> PLACE_BITS & (1 << FILE_BITS) - 1)
            self._offsets.append(key & (1 << PLACE_BITS) - 1)

    @property
    def labels(self) -> frozenset[str]:
        """Every label that one of the chosen suggestions has."""
        return frozenset(name for name, number in self._label_numbers.items() if number in self._used)

    def of(self, passage_id: str) -> tuple[Suggestion, ...]:
        """The suggestions of a passage, by place."""
        number = self._numbers.get(passage_id)
        if number is None:
            return ()
        low, high = bisect_left(self._passages, number), bisect_right(self._passages, number)
        return merge_suggestions(self._read(at) for at in range(low, high))

    def _read(self, at: int) -> Suggestion:
        file = self._files[self._runs[at]]
        file.seek(self._offsets[at])
        return self._decoder.decode(file.readline())

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def __enter__(self) -> Chosen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
