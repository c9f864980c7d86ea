"""The suggestions and relations that a passage is pushed with, found again in the runs' files at its turn."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from annotate.core.errors import Problem
from annotate.core.model import SuggestedRelation, Suggestion, SuggestionRun
from annotate.core.pushing import in_order, merge_suggestions
from annotate.core.relating import SentRelation, merge_relations
from annotate.store.study import Study
from annotate.store.suggested_relations import scan_relations
from annotate.store.suggestions import require_no_problems, run_files, scan_run

FILE_BITS, PLACE_BITS = 24, 40


class _Places:
    """Where a run's lines are: for each the passage's number, the byte, and of a suggestion the label's."""

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

    def take_relation(self, at: int, one: SuggestedRelation) -> None:
        """The same for a relation."""
        self.passages.append(self._chosen.number(one.passage_id))
        self.offsets.append(at)

    def into(self, lines: _Lines, fresh: set[int], file: int) -> None:
        """Put those on the fresh passages among the lines of all files."""
        for passage, at in zip(self.passages, self.offsets, strict=True):
            if passage in fresh:
                lines.add(passage, file, at)


class _Lines:
    """Lines of several files, found by passage: a few numbers each. Filled once, then sorted."""

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._passages = array("L")
        self._files = array("L")
        self._offsets = array("Q")

    def add(self, passage: int, file: int, at: int) -> None:
        """A line on this passage that begins at this byte of a file."""
        # One number, so that half a million of them are cheap to sort.
        self._keys.append(((passage << FILE_BITS | file) << PLACE_BITS) | at)

    def sort(self) -> None:
        """Make them ready to be found."""
        self._keys.sort()
        for key in self._keys:
            self._passages.append(key >> (FILE_BITS + PLACE_BITS))
            self._files.append(key >> PLACE_BITS & (1 << FILE_BITS) - 1)
            self._offsets.append(key & (1 << PLACE_BITS) - 1)
        self._keys = []

    def of(self, passage: int) -> Iterator[tuple[int, int]]:
        """(file, byte) of each line on a passage, in the order of files."""
        low, high = bisect_left(self._passages, passage), bisect_right(self._passages, passage)
        yield from zip(self._files[low:high], self._offsets[low:high], strict=True)


class Chosen:
    """For each passage the suggestions of the newest run of every agent that saw it, and their relations.

    ``order`` are the agents whose word comes first where two say the same. Every line of every run is
    checked when this is made; what is held is a few numbers a suggestion. Close it, or use it in a
    ``with``. Raises BadInput naming every bad line of every file.
    """

    def __init__(self, study: Study, order: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        self._label_numbers: dict[str, int] = {}
        self._decoder = msgspec.json.Decoder(Suggestion)
        self._relation_decoder = msgspec.json.Decoder(SuggestedRelation)
        self._used: set[int] = set()
        self._lines = _Lines()
        self._relation_lines = _Lines()
        self._relation_files: dict[int, BinaryIO] = {}
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
        drawn: dict[str, tuple[Path, _Places]] = {}
        for path in run_files(study):
            found = _Places(self)
            run = scan_run(path, study.shown(path), problems, found.take)
            if run is not None:
                runs.append(run)
                places[run.run_id] = found
                between = _Places(self)
                relations = scan_relations(study, run.run_id, problems, between.take_relation)
                if relations is not None:
                    drawn[run.run_id] = (relations, between)
        require_no_problems(problems)
        files: list[BinaryIO] = []
        for agent in in_order(runs, order):
            seen: set[int] = set()
            for run in agent:
                # A passage that this run has no suggestions for counts as seen, too.
                looked_at = {self.number(one) for one in run.passages_seen}
                fresh = looked_at - seen
                self._take(places[run.run_id], fresh, len(files))
                if run.run_id in drawn:
                    path, between = drawn[run.run_id]
                    self._relation_files[len(files)] = stack.enter_context(path.open("rb"))
                    between.into(self._relation_lines, fresh, len(files))
                seen |= looked_at
                files.append(stack.enter_context((study.suggestions_dir / f"{run.run_id}.jsonl").open("rb")))
        self._lines.sort()
        self._relation_lines.sort()
        return files

    def _take(self, mine: _Places, fresh: set[int], file: int) -> None:
        mine.into(self._lines, fresh, file)
        self._used.update(
            label for passage, label in zip(mine.passages, mine.labels, strict=True) if passage in fresh
        )

    @property
    def labels(self) -> frozenset[str]:
        """Every label that one of the chosen suggestions has."""
        return frozenset(name for name, number in self._label_numbers.items() if number in self._used)

    def of(self, passage_id: str) -> tuple[Suggestion, ...]:
        """The suggestions of a passage, by place."""
        return merge_suggestions(self._said(passage_id))

    def whole(self, passage_id: str) -> tuple[tuple[Suggestion, ...], tuple[SentRelation, ...]]:
        """The suggestions of a passage, by place, and the relations between them."""
        said = list(self._said(passage_id))
        sent = merge_suggestions(said)
        return sent, merge_relations(self._drawn(passage_id), said, sent)

    def _said(self, passage_id: str) -> Iterator[Suggestion]:
        number = self._numbers.get(passage_id)
        for file, at in self._lines.of(number) if number is not None else ():
            self._files[file].seek(at)
            yield self._decoder.decode(self._files[file].readline())

    def _drawn(self, passage_id: str) -> Iterator[SuggestedRelation]:
        number = self._numbers.get(passage_id)
        for file, at in self._relation_lines.of(number) if number is not None else ():
            self._relation_files[file].seek(at)
            yield self._relation_decoder.decode(self._relation_files[file].readline())

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def __enter__(self) -> Chosen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
