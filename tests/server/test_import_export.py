"""What Doccano itself exports comes back: every label of the archive at the place where a pull saw it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from embedded_api import Api, eventually
from small_studies import campaigns

from annotate.core.errors import UsageError
from annotate.core.state import fold
from annotate.flows import export
from annotate.flows.importing import ImportRequest, import_labels
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.flows.verify import verify
from annotate.store.ledger import read_ledger

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


def exported(embedded, base: str, folder: Path) -> Path:
    """The JSONL file of a project's export, as a person would download it."""
    api = Api(embedded.url, embedded.service)
    order = {"format": "JSONL", "exportApproved": False}
    task = api.call("POST", f"{base}/download", order).json()["task_id"]
    assert eventually(lambda: api.got(f"tasks/status/{task}")["ready"])
    archive = zipfile.ZipFile(io.BytesIO(api.call("GET", f"{base}/download?taskId={task}").content))
    (name,) = archive.namelist()
    return Path(archive.extract(name, folder))


def test_an_archive_of_doccano_comes_back_where_the_pull_saw_it(campaign, embedded, tmp_path):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    first, *_, last = ann.label_types
    word = ann.draw("b.txt", "Minister Ko\u0308hler", first)
    ann.draw("a.txt", "Vesk nach Berlin", last)
    pull(made.study)
    path = exported(embedded, made.admin_base(made.ann), tmp_path)
    assert path.name == "all.jsonl", "a project that is shared names nobody: hence --annotator"

    request = ImportRequest((path,), "doccano", annotator=made.ann.user)
    with pytest.raises(UsageError, match="could stand in two places"):
        import_labels(made.study, request)
    request = ImportRequest((path,), "doccano", annotator=made.ann.user, offsets="utf-16")
    report = import_labels(made.study, request)
    assert report.problems == ()

    state = fold(read_ledger(made.study))
    project = made.remotes()[made.ann.user].marker.key
    seen = {
        (state.passages[project, one.example].passage.passage_id, one.label, one.start, one.end)
        for one in state.labels.values()
        if one.project == project
    }
    found = state.imports.labels.values()
    assert {(one.passage_id, one.label, one.start, one.end) for one in found} == seen
    assert {one.anchor for one in found} == {"exact"}
    assert word["id"] in {int(one.original_id) for one in found}
    export.apply(made.study, export.plan(made.study, "both"))
    assert verify(made.study, "both").problems == ()
    assert import_labels(made.study, request).transaction is None
