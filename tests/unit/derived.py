"""Everything that the toolkit derives, as digests: run here, and as a program in other environments."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import studies
from material import material_of

from annotate.core.ids import sha256_hex
from annotate.flows import export, ingest, report
from annotate.flows.formats import available
from annotate.formats.writers.reader import reader_page
from annotate.sources.segmenter import segment
from annotate.store.study import Study

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "corpus" / "raw" / "01-collected-page.txt"


def derived(folder: Path) -> dict[str, str]:
    """What is made of fixed inputs, by name: a digest each. ``folder`` must not exist."""
    sample = Study(folder / "sample")
    shutil.copytree(ROOT / "corpus" / "raw", sample.raw_dir)
    shutil.copy(ROOT / "annotate.toml", sample.root)
    shutil.copy(ROOT / "corpus" / "sources.csv", sample.corpus)
    ingest.apply(ingest.plan(sample))
    nasty = studies.nasty_study(folder / "nasty")
    export.apply(nasty, export.plan(nasty, "d", export.ExportOptions(formats=available())))
    return {
        **_files(sample),
        **_files(nasty),
        "segments": sha256_hex(repr(segment(PAGE.read_bytes().decode())).encode()),
        "report": sha256_hex(report.draw(report.count(nasty))),
        "reader": sha256_hex(reader_page(material_of(nasty)).encode()),
    }


def _files(study: Study) -> dict[str, str]:
    """Every file of the study but the locks."""
    paths = (path for path in study.root.rglob("*") if path.is_file() and ".state" not in path.parts)
    return {path.relative_to(study.root.parent).as_posix(): sha256_hex(path.read_bytes()) for path in paths}


if __name__ == "__main__":
    json.dump(derived(Path(sys.argv[1])), sys.stdout)
