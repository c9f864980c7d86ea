"""The material that a writer gets, made from a study as an export makes it."""

from __future__ import annotations

from annotate.core.dataset import derive
from annotate.core.dataset.trail import trail_of
from annotate.flows.dataset_corpus import read_corpus
from annotate.flows.dataset_inputs import inputs_of, read_material, record_of
from annotate.formats.writing import Material
from annotate.store.ledger import read_ledger
from annotate.store.study import Study


def material_of(study: Study, name: str = "d") -> Material:
    """Everything of a study, under the name of a dataset."""
    lines = read_ledger(study)
    corpus, problems = read_corpus(study)
    assert not problems
    read = read_material(study)
    inputs = inputs_of(study, lines, corpus, read, names=False)
    record = record_of(study, name, inputs, corpus, read, excel=False)
    return Material(derive(inputs), record, read.scheme, trail_of(lines))
