"""A dataset with everything hostile in it, ready to be written in any format."""

from __future__ import annotations

from dataclasses import replace

from annotate.core.dataset import Dataset
from annotate.flows import export
from annotate.formats.writing import Material
from annotate.store.study import Study

HOSTILE = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e & \x00'


def material_of(study: Study) -> Material:
    """What a writer of a format gets of a study."""
    return export.material_of(study, "nasty", export.ExportOptions())


def hostile(material: Material) -> Material:
    """The same with hostile words wherever others chose them; places and keys stay."""
    data = material.dataset
    about = {"title": HOSTILE, "publisher": HOSTILE, "published": HOSTILE, "language": HOSTILE}
    changed = replace(
        data,
        documents=tuple(replace(one, **about, byline=HOSTILE, source_file=HOSTILE) for one in data.documents),
        passages=tuple(
            replace(one, text=(HOSTILE * 9)[: len(one.text)], source_file=HOSTILE) for one in data.passages
        ),
        labels=tuple(
            replace(one, **about, quote=HOSTILE, annotator=HOSTILE, label=HOSTILE, source_file=HOSTILE)
            for one in data.labels
        ),
        relations=tuple(replace(one, relation=HOSTILE, annotator=HOSTILE) for one in data.relations),
        comments=tuple(replace(one, text=HOSTILE, annotator=HOSTILE) for one in data.comments),
    )
    return replace(material, dataset=changed, record=replace(material.record, name=HOSTILE, study=HOSTILE))


def withheld(data: Dataset) -> Dataset:
    """Texts that may not be passed on are not there."""
    return replace(data, passages=tuple(replace(one, text="") for one in data.passages))
