"""Studies that reach the real server through the faulty proxy, and what they must look like in the end."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fault_cases import Case
from faulty_proxy import FaultyProxy
from filelock import FileLock
from small_studies import (
    TEXTS,
    TIED,
    TOLD,
    Campaign,
    OwnProject,
    Told,
    account,
    build,
    small_scheme,
    suggest,
    write_study,
)

from annotate.core.errors import AnnotateError
from annotate.doccano import campaign, embedded
from annotate.flows import export
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test-artifacts" / "faults.json"


@dataclass(frozen=True)
class Outcome:
    """How a run ended, in the terms of the command line."""

    exit_code: int
    said: str = ""
    hint: str = ""


def attempt(verb: Callable[[Study], Any], study: Study) -> Outcome:
    """Run a verb; what the command line would say and leave with."""
    try:
        verb(Study(study.root))
    except AnnotateError as error:
        return Outcome(error.exit_code, "\n".join([error.message, *map(str, error.problems)]), error.hint)
    return Outcome(0)


# --- what must be there in the end --------------------------------------------------------------------------

ROWS = """
SELECT e.text, json_extract(e.meta, '$.ext.passage') AS passage, e.id AS example FROM examples_example e
WHERE e.project_id = ? ORDER BY e.id
"""
SPANS = """
SELECT s.id, t.text, s.start_offset, s.end_offset, u.username FROM labels_span s
JOIN label_types_spantype t ON t.id = s.label_id JOIN auth_user u ON u.id = s.user_id
WHERE s.example_id = ? ORDER BY s.start_offset, s.end_offset, t.text, s.id
"""


def server_rows(made: Campaign) -> Any:
    """Everything of the study on the server, without the server's ids and times."""
    projects = made.rows(
        "SELECT id, name, guideline, collaborative_annotation FROM projects_project"
        " WHERE description LIKE ? ORDER BY id",
        f"%[annotate {made.study.config.study.id}/%",
    )
    return [
        {
            "guideline": project["guideline"],
            "shared": project["collaborative_annotation"],
            "members": [
                tuple(row)
                for row in made.rows(
                    "SELECT u.username, r.name FROM projects_member m JOIN auth_user u ON u.id = m.user_id"
                    " JOIN roles_role r ON r.id = m.role_id WHERE m.project_id = ? ORDER BY 1",
                    project["id"],
                )
            ],
            "types": [
                tuple(row)
                for kind in ("spantype", "relationtype")
                for row in made.rows(
                    f"SELECT text, suffix_key, background_color, text_color FROM label_types_{kind}"
                    " WHERE project_id = ? ORDER BY 1",
                    project["id"],
                )
            ],
            "examples": sorted(
                (
                    row["passage"],
                    row["text"],
                    [tuple(span)[1:] for span in made.rows(SPANS, row["example"])],
                    [tuple(one) for one in made.rows(RELATIONS, row["example"])],
                    [tuple(one) for one in made.rows(STATES, row["example"])],
                )
                for row in made.rows(ROWS, project["id"])
            ),
        }
        for project in projects
    ]


RELATIONS = """
SELECT t.text, f.start_offset, e.start_offset, u.username FROM labels_relation r
JOIN label_types_relationtype t ON t.id = r.type_id JOIN auth_user u ON u.id = r.user_id
JOIN labels_span f ON f.id = r.from_id_id JOIN labels_span e ON e.id = r.to_id_id
WHERE r.example_id = ? ORDER BY 1, 2, 3, r.id
"""
STATES = """
SELECT u.username FROM examples_examplestate s JOIN auth_user u ON u.id = s.confirmed_by_id
WHERE s.example_id = ?
"""
LEFT_OUT = frozenset(
    {
        *("label_id", "placement_id", "assignment_id", "relation_id", "comment_id", "row_id"),
        *("from_label_id", "to_label_id", "created_at", "updated_at", "pushed_at", "confirmed_at"),
        *("decided_at", "pull", "doccano_server", "doccano_project", "doccano_example", "doccano_label"),
        *("doccano_relation", "doccano_comment", "doccano_id"),
    }
)
"""Columns that hold the server's own ids and times, or our names for them: two servers' differ."""


def dataset(study: Study) -> dict[str, Any]:
    """Every table of an export as rows, without the columns of LEFT_OUT."""
    files = export.plan(study, "faults").files
    return {
        name: sorted(
            sorted((key, value) for key, value in row.items() if key not in LEFT_OUT)
            for row in csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
        )
        for name, data in files.items()
        if name.endswith(".csv")
    }


# --- studies behind the proxy -------------------------------------------------------------------------------


@dataclass
class Bench:
    """The server, a proxy before it, studies, and what an undisturbed one looks like in the end."""

    embedded: Any
    proxy: FaultyProxy
    folder: Path
    reference: tuple[Any, dict[str, Any]] | None = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def another(self) -> Iterator[Bench]:
        """The same server behind a proxy of its own."""
        with FaultyProxy(self.embedded.url).running() as proxy:
            yield replace(self, proxy=proxy)

    def study(self, *, patience: float = 60.0, people: int = 1, copies: int = 0) -> Campaign:
        """A study with one annotator, three texts (or more) and a scheme of one label."""
        accounts = tuple(account(self.embedded, name, "en") for name in ("ann", "bob")[:people])
        root = self.folder / str(next(self.numbers)) / "study"
        study = write_study(root, accounts, server=self.proxy.url)
        config = root / "annotate.toml"
        line = f'url = "{self.proxy.url}"\n'
        text = config.read_text("utf-8")
        assert line in text
        config.write_text(text.replace(line, f"{line}timeout_seconds = {patience}\n"), "utf-8")
        small_scheme(study)
        many = {f"z{number}.txt": f"Nummer {number} am 3. April 1970.\n" for number in range(copies)}
        passages = build(study, {**TEXTS, **many})
        suggest(study, [*TOLD, *(Told(name, "3. April 1970") for name in many)], tied=TIED)
        return Campaign(study, accounts, self.embedded.database, passages)

    def work(self, made: Campaign) -> int | None:
        """What a person does as soon as there is something to do it on: the id of the label drawn."""
        remote = made.remotes().get(made.ann.user)
        if remote is None or made.ann.user not in campaign.members(made.admin, remote.project_id):
            return None
        ann = OwnProject(made, made.ann)
        if "a.txt" not in ann.examples:
            return None
        drawn = ann.draw("a.txt", "Berlin", "DATE")
        ann.toggle_confirmed("a.txt")
        return int(drawn["id"])

    def worker(self) -> int:
        """Process id of the server's task worker."""
        return embedded.status(self.embedded.home).pids["worker"]


OUTCOMES: dict[str, dict[str, Any]] = {}


@pytest.fixture(scope="module")
def bench(embedded: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    patch = pytest.MonkeyPatch()
    patch.setenv("DOCCANO_HOME", str(embedded.home))
    patch.setenv("ANNOTATE_DOCCANO_PASSWORD", embedded.service[1])
    patch.setattr("annotate.doccano.transport.PAUSES", (0.05, 0.05, 0.05))
    patch.setattr("annotate.flows.push.completing.SETTLE", 0.2)
    proxy = FaultyProxy(embedded.url)
    with proxy.running():
        made = Bench(embedded, proxy, tmp_path_factory.mktemp("faults"))
        quiet = made.study()
        push(quiet.study)
        made.work(quiet)
        pull(quiet.study)
        made.reference = (server_rows(quiet), dataset(quiet.study))
        assert [len(one["examples"]) for one in made.reference[0]] == [3]
        yield made
    patch.undo()
    keep(OUTCOMES)


def keep(outcomes: dict[str, dict[str, Any]]) -> None:
    """Add to the file of results; another worker of pytest-xdist may be at it, too."""
    RESULTS.parent.mkdir(exist_ok=True)
    with FileLock(RESULTS.with_suffix(".lock")):
        known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
        RESULTS.write_text(json.dumps({**known, **outcomes}, indent=1, ensure_ascii=False), "utf-8")


def record(case: Case, first: int | str, again: int | str, note: str = "") -> None:
    """What the table says of a case; written only after everything about it was checked."""
    OUTCOMES[case.name] = {"first": first, "again": again, "note": note}


def finish(bench: Bench, made: Campaign, drawn: int | None, *, compare: bool = True) -> None:
    """The server has what an undisturbed push brings, once; pulled and exported, it is the same dataset."""
    before = len(read_ledger(made.study))
    push(Study(made.study.root))
    assert len(read_ledger(made.study)) == before, "a push with nothing to do wrote to the ledger"
    if drawn is None:
        drawn = bench.work(made)
    pull(Study(made.study.root))
    assert made.rows("SELECT 1 FROM labels_span WHERE id = ?", drawn), "the label a person drew is gone"
    assert drawn in {label for _, label in made.state().labels}, "the label a person drew was not pulled"
    assert bench.reference is not None
    if compare:
        assert server_rows(made) == bench.reference[0]
        assert dataset(made.study) == bench.reference[1]


def helpful(outcome: Outcome) -> None:
    """A failure that the same command repairs says so."""
    if outcome.exit_code in (6, 7, 9, 10):
        assert "again" in outcome.hint, outcome
    else:
        assert outcome.exit_code in (0, 5), outcome


def same_count(made: Campaign, passages: int) -> None:
    """Each passage once, each suggestion once, for each person."""
    for project in server_rows(made):
        assert len(project["examples"]) == passages
        assert len({passage for passage, *_ in project["examples"]}) == passages
        spans = [span for _, _, found, *_ in project["examples"] for span in found]
        assert len(spans) == passages - 3 + len(TOLD)
        assert len([one for *_, related, _ in project["examples"] for one in related]) == len(TIED)
