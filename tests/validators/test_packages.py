"""Data Package 2.0, frictionless, RO-Crate 1.2 and Process Run Crate 0.5: valid, and able to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import HERE, Run

pytestmark = pytest.mark.validators
SHARED = HERE.parents[1].parent / "shared" / "validators"
needs_schemas = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/validators is not here")


def change(path: Path, edit: Callable[[Any], None]) -> None:
    data = json.loads(path.read_text("utf-8"))
    edit(data)
    path.write_text(json.dumps(data), "utf-8")


def schema_faults(name: str, data: object) -> list[str]:
    schema = json.loads((SHARED / name).read_text("utf-8"))
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


class TestDataPackageSchema:
    @needs_schemas
    def test_the_package_and_its_table_schemas_hold(self, dataset: Path) -> None:
        assert schema_faults("datapackage.json", json.loads((dataset / "datapackage.json").read_text())) == []
        schemas = sorted((dataset / "schemas").glob("*.json"))
        assert schemas
        for path in schemas:
            assert schema_faults("tableschema.json", json.loads(path.read_text("utf-8"))) == []

    @needs_schemas
    @pytest.mark.parametrize(
        "edit",
        [
            lambda data: data.pop("resources"),
            lambda data: data["resources"][0].update(path="/etc/passwd"),
            lambda data: data.update(contributors=[{"title": 3}]),
            lambda data: data.update(created="yesterday"),
            lambda data: data.update(licenses=[{"title": "no name and no path"}]),
        ],
    )
    def test_a_broken_one_fails(self, dataset: Path, edit: Callable[[Any], None]) -> None:
        data = json.loads((dataset / "datapackage.json").read_text("utf-8"))
        edit(data)
        assert schema_faults("datapackage.json", data)


class TestFrictionless:
    def test_every_resource_is_valid(self, run: Run, dataset: Path) -> None:
        done = run("frictionless", "validate", "datapackage.json", "--json", cwd=dataset)
        report = json.loads(done.stdout)
        assert (done.returncode, report["valid"]) == (0, True), done.stdout
        assert {task["name"] for task in report["tasks"]} >= {"labels", "sources", "passages"}
        assert report["stats"]["warnings"] == 0

    @pytest.mark.parametrize(
        ("table", "old", "new", "kind"),
        [
            ("labels.csv", "A1", "A9", "foreign-key"),
            ("labels.csv", "accepted", "invented", "constraint-error"),
            ("passages.csv", ",true,", ",perhaps,", "type-error"),
            ("annotators.csv", "A1,", "A2,", "primary-key"),
            ("sources.csv", "source_file", "file", "incorrect-label"),
        ],
    )
    def test_a_broken_table_fails(
        self, run: Run, dataset: Path, table: str, old: str, new: str, kind: str
    ) -> None:
        path = dataset / table
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        # Without the hash of the file, so that the fault itself has to be found.
        change(dataset / "datapackage.json", lambda data: [one.pop("hash") for one in data["resources"]])
        change(dataset / "datapackage.json", lambda data: [one.pop("bytes") for one in data["resources"]])
        done = run("frictionless", "validate", "datapackage.json", "--json", cwd=dataset)
        assert done.returncode == 1, done.stdout
        found = {error["type"] for task in json.loads(done.stdout)["tasks"] for error in task["errors"]}
        assert kind in found

    def test_other_bytes_fail_the_hash(self, run: Run, dataset: Path) -> None:
        with (dataset / "comments.csv").open("ab") as file:
            file.write(b"\n")
        done = run("frictionless", "validate", "datapackage.json", "--json", cwd=dataset)
        found = {error["type"] for task in json.loads(done.stdout)["tasks"] for error in task["errors"]}
        assert done.returncode == 1
        assert found & {"hash-count", "byte-count"}


@pytest.fixture(scope="module")
def cache(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator's HTTP cache, filled from the package data of ro-crate-py."""
    place = tmp_path_factory.mktemp("rocrate") / "http"
    done = run("python", HERE / "warm_rocrate.py", place)
    assert done.returncode == 0, done.stderr
    return place


def crate_issues(run: Run, cache: Path, dataset: Path, profile: str) -> list[str]:
    """What the validator has against a crate; the profile alone, because Process Run Crate 0.5 is a
    profile of RO-Crate 1.1, whose checks refuse a crate that says 1.2."""
    report = cache.parent / "report.json"
    done = run(
        "rocrate-validator", "-y", "validate", dataset, "--offline", "--cache-path", cache, "-p", profile,
        "-nh", "--no-auto-profile", "--no-paging", "-f", "json", "-o", report,
    )  # fmt: skip
    assert report.is_file(), done.stdout + done.stderr
    data = json.loads(report.read_text("utf-8"))
    report.unlink()
    assert data["passed"] is (done.returncode == 0)
    return [f"{issue['check']['identifier']} {issue['message']}" for issue in data["issues"]]


def entity(data: Any, kind: str) -> Any:
    return next(one for one in data["@graph"] if kind in one["@type"])


CRATE, PROCESS = "ro-crate-1.2", "process-run-crate-0.5"


class TestCrate:
    @pytest.mark.parametrize("profile", [CRATE, PROCESS])
    def test_it_is_valid(self, run: Run, cache: Path, dataset: Path, profile: str) -> None:
        assert crate_issues(run, cache, dataset, profile) == []

    @pytest.mark.parametrize(
        ("profile", "edit"),
        [
            (CRATE, lambda data: entity(data, "Dataset").pop("datePublished")),
            (CRATE, lambda data: entity(data, "Dataset").pop("license")),
            (CRATE, lambda data: entity(data, "SoftwareApplication").pop("version")),
            (PROCESS, lambda data: entity(data, "CreateAction").pop("instrument")),
            (PROCESS, lambda data: entity(data, "Dataset").pop("conformsTo")),
        ],
    )
    def test_a_broken_one_fails(
        self, run: Run, cache: Path, dataset: Path, profile: str, edit: Callable[[Any], None]
    ) -> None:
        change(dataset / "ro-crate-metadata.json", edit)
        assert crate_issues(run, cache, dataset, profile)

    def test_a_missing_file_fails(self, run: Run, cache: Path, dataset: Path) -> None:
        (dataset / "labels.csv").unlink()
        assert crate_issues(run, cache, dataset, CRATE)

    def test_it_lists_every_file(self, dataset: Path) -> None:
        data = json.loads((dataset / "ro-crate-metadata.json").read_text("utf-8"))
        listed = {one["@id"] for one in data["@graph"] if one["@type"] == "File"}
        there = {path.relative_to(dataset).as_posix() for path in dataset.rglob("*") if path.is_file()}
        assert listed == there - {"ro-crate-metadata.json"}
        parts = {one["@id"] for one in entity(data, "Dataset")["hasPart"]}
        assert parts == listed

    def test_its_terms_are_in_the_context(self, run: Run, dataset: Path) -> None:
        done = run("python", HERE / "rocrate_terms.py", dataset / "ro-crate-metadata.json")
        assert (done.returncode, done.stdout) == (0, "")
