"""The README as a new user follows it, on a real server: the demo, twice, and a study of one's own."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.script import JUDGE, Join, Mark, intentions
from annotate.doccano.transport import Transport
from annotate.store.built import read_built
from annotate.store.script import read_script
from annotate.store.study import Study

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]


def new_user() -> dict[str, str]:
    """The environment of somebody who has set nothing: other tests of the session name a server's home."""
    kept = {name: value for name, value in os.environ.items() if name != "DOCCANO_HOME"}
    return {**kept, "PYTHONPATH": str(ROOT)}


def annotate(*words: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; fails the test when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "annotate", *words],
        cwd=cwd,
        env=new_user(),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, f"annotate {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kept(root: Path) -> dict[str, bytes]:
    """Everything of a study but its disposable state."""
    return {name: data for name, data in contents(root).items() if "/.state/" not in f"/{name}"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, object]]]:
    """A finished demo and its report."""
    here = tmp_path_factory.mktemp("demo")
    root = here / "annotate-demo"
    try:
        done = annotate("demo", "--json", cwd=here)
        yield root, json.loads(done.stdout)
    finally:
        if root.is_dir():
            annotate("server", "stop", cwd=root)


def test_the_demo_ends_with_a_verified_dataset(demo: tuple[Path, dict[str, object]]) -> None:
    root, report = demo
    assert report["verified"]
    assert report["documents"] == 25
    assert report["missed"] == []
    assert set(report["suggestions"]) >= {"accepted", "edited", "rejected", "untouched"}
    with (root / "exports" / "demo" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == report["labels"] > 1000
    assert {row["origin"] for row in rows} == {"accepted", "edited", "manual"}
    assert {row["annotator"] for row in rows} == {"S1", "S2"}
    for row in rows:
        assert row["agent"] == ("" if row["origin"] == "manual" else "source_criticism")
    kept = [row for row in rows if row["origin"] == "accepted"]
    assert {row["layer"] for row in kept} == {"claims", "rhetoric", "frame"}


def gold_of(study: Study) -> tuple[dict[str, list[Mark]], dict[str, list[Join]]]:
    """What the script's judge wants, by passage, on documents that nobody leaves open."""
    script, built = read_script(study), read_built(study)
    names = {one.document_id: (one.source_file, one.title) for one in built.documents}
    marks: dict[str, list[Mark]] = {}
    joins: dict[str, list[Join]] = {}
    for one in script.documents:
        passages = [two for two in built.passages if names[two.document_id] == (one.file, one.document)]
        for passage, wanted in intentions(one, JUDGE, passages).items() if not one.open else ():
            marks[passage], joins[passage] = wanted.marks, wanted.joins
    return marks, joins


def test_the_gold_of_the_demo_is_what_the_script_says(demo: tuple[Path, dict[str, object]]) -> None:
    """benchmarks/sample_corpus.py measures against the script: here the tool makes the same of it."""
    root, _ = demo
    marks, joins = gold_of(Study(root))
    with (root / "exports" / "demo" / "gold.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {
        row["gold_id"]: (row["passage_id"], row["label"], int(row["start"]), int(row["end"]))
        for row in rows
        if row["verdict"] == "kept"
    }
    assert set(kept.values()) == {(one, *mark) for one, found in marks.items() for mark in found}
    with (root / "exports" / "demo" / "gold_relations.csv").open(encoding="utf-8", newline="") as file:
        related = {
            (row["relation"], kept[row["from_gold_id"]], kept[row["to_gold_id"]])
            for row in csv.DictReader(file)
            if row["verdict"] == "kept"
        }
    assert related == {
        (join.type, (one, *join.from_), (one, *join.to)) for one, found in joins.items() for join in found
    }
    assert {row["status"] for row in rows} == {"unanimous", "adjudicated"}
    assert {row["stale"] for row in rows} == {"false"}
    assert {row["annotators"] for row in rows} == {"S1;S2"}
    assert any("smallest run of words" in row["reason"] for row in rows)


def test_scripts_are_called_scripts_wherever_they_appear(demo: tuple[Path, dict[str, object]]) -> None:
    root, report = demo
    assert all(login["scripted"] and login["user"].startswith("scripted-") for login in report["logins"])
    dataset = root / "exports" / "demo"
    assert "a script, not a person" in (dataset / "README.md").read_text(encoding="utf-8")
    with (dataset / "annotators.csv").open(encoding="utf-8", newline="") as file:
        assert {row["scripted"] for row in csv.DictReader(file)} == {"true"}


def test_a_second_demo_changes_nothing(demo: tuple[Path, dict[str, object]]) -> None:
    root, first = demo
    before = kept(root)
    second = json.loads(annotate("demo", "--json", cwd=root).stdout)
    assert not second["changed"]
    assert kept(root) == before
    assert {**second, "changed": True} == {**first, "changed": True}


def test_secrets_are_readable_by_the_user_only_and_stand_nowhere_else(
    demo: tuple[Path, dict[str, object]],
) -> None:
    root, report = demo
    home = root / "corpus" / ".state" / "doccano"
    secrets = [str(login["password"]) for login in report["logins"]]
    secrets += [(home / name).read_text().strip() for name in ("service-password", "secret-key")]
    for name in ("service-password", "secret-key", "demo-logins.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    everything = {**kept(root), **contents(home / "logs")}
    for name, data in everything.items():
        for secret in secrets:
            assert secret.encode() not in data, f"a secret stands in {name}"


def test_two_exports_under_other_hash_seeds_zones_and_locales_are_the_same_bytes(
    demo: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    root, _ = demo
    results = []
    for seed, zone, locale in (("0", "UTC", "C.UTF-8"), ("4711", "Pacific/Kiritimati", "C")):
        copy = tmp_path / seed
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".state", "exports"))
        environment = {
            **new_user(),
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": locale,
        }
        subprocess.run(
            [sys.executable, "-m", "annotate", "export", "demo"],
            cwd=copy,
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )
        results.append(contents(copy / "exports" / "demo"))
    assert results[0] == results[1] == contents(root / "exports" / "demo")


def test_waiting_leaves_the_labelling_to_a_person(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "annotate", "demo", "--wait", "--json"],
        cwd=tmp_path,
        env=new_user(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        assert running.stderr is not None
        for line in running.stderr:
            said += line
            if found := re.search(r"user (\S+) +password (\S+)", line):
                break
        url = re.search(r"browser: (\S+)", said)
        assert url, said
        _confirm_everything(url.group(1), *found.groups())
        out, err = running.communicate(timeout=120)
        assert running.returncode == 0, err
    finally:
        running.kill()
        annotate("server", "stop", cwd=tmp_path / "annotate-demo-wait")
    report = json.loads(out)
    assert [(login["user"], login["scripted"]) for login in report["logins"]] == [("visitor", False)]
    assert set(report["suggestions"]) == {"accepted"}
    labels = (tmp_path / "annotate-demo-wait/exports/demo/labels.csv").read_text(encoding="utf-8")
    assert "V1" in labels
    assert "scripted" not in labels


def _confirm_everything(url: str, user: str, password: str) -> None:
    server = Transport(url, user, password)
    (project,) = server.pages("projects")
    for example in list(server.pages(f"projects/{project['id']}/examples")):
        server.send("POST", f"projects/{project['id']}/examples/{example['id']}/states", json={})
    server.close()


def test_the_readme_takes_a_study_of_ones_own_the_whole_way(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Your own texts\n\n```sh\n(.*?)```", readme, re.DOTALL)
    assert block
    pages = tmp_path / "saved-pages"
    pages.mkdir()
    for name in ("04-ministry-bom.txt", "07-monitor-digest.txt"):
        shutil.copyfile(ROOT / "corpus" / "raw" / name, pages / name)
    here = tmp_path
    try:
        for line in block.group(1).splitlines():
            words = shlex.split(line, comments=True)
            here = _follow(words, here, tmp_path)
    finally:
        annotate("server", "stop", cwd=tmp_path / "my-study")
    with (here / "exports/first-round/labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["label"], row["quote"], row["annotator"], row["origin"]) for row in rows] == [
        ("ACTOR", "Kessar", "A1", "manual")
    ]


def _follow(words: list[str], here: Path, home: Path) -> Path:
    """Do one line of the README; what it leaves to the person is done here."""
    if words[0] == "cd":
        return here / words[1]
    if words[0] == "cp":
        for path in (home / "saved-pages").iterdir():
            shutil.copyfile(path, here / words[-1] / path.name)
        return here
    if words[1:3] == ["server", "add-user"]:
        annotate(*words[1:], "--password-stdin", cwd=here, stdin="Quai-und-Fels-58\n")
        return here
    if words[1] == "push":
        config = here / "annotate.toml"
        person = '\n[[annotators]]\nuser = "maria"\npseudonym = "A1"\n'
        config.write_text(config.read_text(encoding="utf-8") + person, encoding="utf-8")
    if words[1] == "pull":
        _label(here)
    annotate(*words[1:], cwd=here)
    return here


def _label(study: Path) -> None:
    """Maria labels one word; the browser tests do it with a mouse."""
    url = json.loads(annotate("server", "status", "--json", cwd=study).stdout)["url"]
    server = Transport(url, "maria", "Quai-und-Fels-58")
    (project,) = server.pages("projects")
    base = f"projects/{project['id']}"
    example = next(one for one in server.pages(f"{base}/examples") if "Kessar" in one["text"])
    start = Utf16Map(example["text"]).to_utf16(CodePoint(example["text"].index("Kessar")))
    actor = next(one for one in server.get_list(f"{base}/span-types") if one["text"] == "ACTOR")
    body = {"label": actor["id"], "start_offset": start, "end_offset": start + len("Kessar")}
    server.send("POST", f"{base}/examples/{example['id']}/spans", json=body)
    server.close()
