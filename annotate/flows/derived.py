"""The dataset that a study gives now, in memory: what agreement and adjudication work on."""

from __future__ import annotations

from annotate.core.dataset import Dataset, derive
from annotate.core.errors import ConfigError, IntegrityFailure
from annotate.core.ledger import Line
from annotate.core.scheme import Scheme
from annotate.flows.dataset_corpus import read_corpus
from annotate.flows.dataset_inputs import inputs_of, read_material
from annotate.store.ledger import read_ledger
from annotate.store.study import Study


def derive_now(
    study: Study, lines: tuple[Line, ...] | None = None, *, names: bool = False
) -> tuple[Dataset, Scheme]:
    """Every table as an export would have it, and the scheme; account names with ``names``.

    Raises ConfigError (nothing pulled, no build), IntegrityFailure (ledger or corpus does not hold).
    """
    lines = read_ledger(study) if lines is None else lines
    if not any(line.event == "pulled" for line in lines):
        raise ConfigError(
            "nothing was pulled yet, so nobody has confirmed anything", hint="run `annotate pull`"
        )
    if not (study.built_dir / "manifest.json").is_file():
        raise ConfigError("this study has no documents yet", hint="run `annotate ingest` first")
    corpus, problems = read_corpus(study)
    if problems:
        raise IntegrityFailure(
            f"the corpus does not hold: {len(problems)} fault(s)",
            hint="labels cannot be proven against these sources; restore them",
            problems=problems,
        )
    material = read_material(study)
    return derive(inputs_of(study, lines, corpus, material, names=names)), material.scheme
