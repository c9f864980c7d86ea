"""`annotate.load`: a dataset's folder in Python, with or without its study."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.formats.frames import Tables

if TYPE_CHECKING:
    from annotate.flows.verify import VerifyReport
    from annotate.nlp.docs import Doc, Labelled, Language


class Dataset(Tables):
    """A dataset that `annotate export` wrote: ``labels`` and the other tables, and spaCy Docs."""

    def docs(self, nlp: Language | None = None) -> Iterator[Doc]:
        """Every passage as a spaCy Doc, its labels as one span group a layer.

        ``nlp`` tokenises; without it the tokeniser of each document's language does.
        """
        from annotate.nlp.docs import Text, docs_of

        languages = dict(self._pairs(self.documents, "document_id", "language"))
        names = ("passage_id", "document_id", "text")
        texts = (
            Text(passage, document, languages.get(document, ""), text)
            for passage, document, text in self._pairs(self.passages, *names)
        )
        yield from docs_of(texts, self._labels(), nlp)

    def verify(self) -> VerifyReport:
        """What holds of this dataset and what does not: ``problems`` is empty when all of it does."""
        from annotate.flows.verify import examine_path

        return examine_path(self.folder)

    def _labels(self) -> dict[str, list[Labelled]]:
        from annotate.nlp.docs import Labelled

        found: dict[str, list[Labelled]] = defaultdict(list)
        names = ("passage_id", "label_id", "layer", "label", "start", "end", "annotator", "status")
        for passage, *rest in self._pairs(self.labels, *names):
            found[passage].append(Labelled(*rest))
        return found

    @staticmethod
    def _pairs(frame: Any, *names: str) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - a pandas frame
        """Cells of some columns row by row, unknown as empty text."""
        columns = [frame[name].astype(object).where(frame[name].notna(), "") for name in names]
        yield from zip(*columns, strict=True)


def load(folder: str | PathLike[str]) -> Dataset:
    """The dataset in a folder. Raises UsageError where there is none, BadInput where it cannot be read."""
    return Dataset(Path(folder))
