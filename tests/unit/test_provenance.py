"""provenance.jsonld: valid, and from every label a way to bytes, person, suggestion and scheme."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import studies
from prov.model import ProvDocument

from annotate.flows.export import ExportOptions, material_of
from annotate.formats.writers.provenance import PROVENANCE, statements, write
from annotate.formats.writing import Material

SCHEMA = Path(__file__).parents[2].parent / "shared" / "validators" / "prov-jsonld.schema.json"
needs_schema = pytest.mark.skipif(not SCHEMA.is_file(), reason="../shared/validators is not here")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return material_of(studies.nasty_study(tmp_path_factory.mktemp("prov") / "study"), "d", ExportOptions())


@pytest.fixture(scope="module")
def written(material: Material, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("prov")
    write(material, folder)
    return (folder / PROVENANCE).read_bytes()


@pytest.fixture(scope="module")
def graph(written: bytes) -> list[dict[str, Any]]:
    return json.loads(written)["@graph"]


def faults(document: object) -> list[str]:
    """What the schema has against a document: one line a statement, so that a test of 600 stays quick."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    kinds = {
        name.removeprefix("prov:"): jsonschema.Draft7Validator(
            {"$ref": f"#/definitions/{name}", "definitions": schema["definitions"]}, format_checker=checker
        )
        for name in schema["definitions"]
        if name.startswith("prov:")
    }
    whole = jsonschema.Draft7Validator(schema, format_checker=checker)
    found = [error.message for error in whole.iter_errors({**document, "@graph": []})]
    for one in document["@graph"]:
        kind = kinds[one["@type"].removeprefix("provext:")]
        found += [f"{one}: {error.message}" for error in kind.iter_errors(one)]
    return found


def links(graph: Iterable[dict[str, Any]], kind: str, start: str, end: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in graph:
        if one["@type"] == kind:
            found[one[start]].add(one[end])
    return found


class TestSchema:
    @needs_schema
    def test_every_statement_is_prov_jsonld(self, written: bytes) -> None:
        assert faults(json.loads(written)) == []

    @needs_schema
    @pytest.mark.parametrize("zone", ["", " noon"])
    def test_a_time_without_zone_fails(self, written: bytes, zone: str) -> None:
        document = json.loads(written)
        timed = next(one for one in document["@graph"] if "endTime" in one)
        timed["endTime"] = timed["endTime"].removesuffix("Z") + zone
        assert len(faults(document)) == 1

    @needs_schema
    def test_a_statement_with_a_field_of_another_kind_fails(self, written: bytes) -> None:
        document = json.loads(written)
        document["@graph"][-1]["agent"] = "d:who/A1"
        document["@graph"].append({"@type": "Usage", "activities": "d:x"})
        assert len(faults(document)) == 2


class TestWalk:
    def test_from_every_label_to_the_bytes_of_its_source(
        self, material: Material, graph: list[dict[str, Any]]
    ) -> None:
        derived = links(graph, "Derivation", "generatedEntity", "usedEntity")
        sources = {row.source_id: row.sha256 for row in material.dataset.sources}
        entities = {one["@id"]: one for one in graph if one["@type"] == "Entity"}
        for label in material.dataset.labels:
            reached, open_ = set(), {f"d:label/{label.label_id}"}
            while open_:
                one = open_.pop()
                reached.add(one)
                open_ |= derived[one] - reached
            found = {one for one in reached if one.startswith("d:source/")}
            assert found == {f"d:source/{label.source_id}"}
            assert entities[found.pop()]["t:sha256"] == [{"@value": sources[label.source_id]}]

    def test_from_every_label_to_person_suggestion_and_scheme(
        self, material: Material, graph: list[dict[str, Any]]
    ) -> None:
        derived = links(graph, "Derivation", "generatedEntity", "usedEntity")
        made = links(graph, "Generation", "entity", "activity")
        attributed = links(graph, "Attribution", "entity", "agent")
        plans = {one["activity"]: one for one in graph if one["@type"] == "Association" and "role" in one}
        used = links(graph, "Usage", "activity", "entity")
        assert {row.origin for row in material.dataset.labels} == {"accepted", "edited", "manual"}
        for label in material.dataset.labels:
            about = f"d:label/{label.label_id}"
            (activity,) = made[about]
            assert attributed[about] == ({f"d:who/{label.annotator}"} if label.annotator else set())
            suggestions = {one for one in derived[about] if one.startswith("d:suggestion/")}
            assert suggestions == ({f"d:suggestion/{label.suggestion_id}"} if label.suggestion_id else set())
            assert f"d:guideline/{label.guideline_sha256}" in used[activity]
            if label.annotator:
                assert plans[activity]["agent"] == f"d:who/{label.annotator}"
                assert plans[activity]["plan"] == f"d:scheme/{label.scheme_sha256}"

    def test_everything_that_is_named_is_there(self, graph: list[dict[str, Any]]) -> None:
        there = {one["@id"] for one in graph if "@id" in one}
        fields = {"entity", "activity", "agent", "plan", "generatedEntity", "usedEntity"}
        fields |= {"informed", "informant"}
        named: set[str] = set()
        for one in graph:
            for name in fields:
                value = one.get(name, [])
                named |= {value} if isinstance(value, str) else set(value)
        assert named <= there

    def test_nothing_is_stated_twice(self, graph: list[dict[str, Any]]) -> None:
        lines = [json.dumps(one, sort_keys=True) for one in graph]
        assert len(set(lines)) == len(lines)
        ids = [one["@id"] for one in graph if "@id" in one]
        assert len(set(ids)) == len(ids)

    def test_times_are_recorded_ones(self, material: Material, graph: list[dict[str, Any]]) -> None:
        recorded = {deed.at for deed in material.record.trail}
        rows = (*material.dataset.labels, *material.dataset.relations)
        recorded |= {row.updated_at for row in rows} | {row.confirmed_at for row in rows}
        times = {one[name] for one in graph for name in ("time", "startTime", "endTime") if name in one}
        assert times
        assert times <= recorded - {""}
        assert {deed.at for deed in material.record.trail} <= times

    def test_another_reader_reads_all(self, written: bytes, graph: list[dict[str, Any]]) -> None:
        read = ProvDocument.deserialize(io.BytesIO(written), format="jsonld")
        assert len(read.get_records()) == len(graph)


class TestNames:
    def test_a_name_of_others_is_escaped(self, material: Material) -> None:
        data = material.dataset
        nasty = 'a"b/c d:é#<x>'
        rows = tuple(replace(row, annotator=nasty) for row in data.labels)
        changed = _with(material, rows)
        ids = [one["entity"] for one in statements(changed) if one["@type"] == "Attribution"]
        agents = {one["agent"] for one in statements(changed) if one["@type"] == "Attribution"}
        assert ids
        assert "d:who/a%22b%2Fc%20d%3A%C3%A9%23%3Cx%3E" in agents


def _with(material: Material, labels: tuple[Any, ...]) -> Material:
    return replace(material, dataset=replace(material.dataset, labels=labels))


class TestSize:
    def test_activities_do_not_grow_with_the_labels(self, material: Material) -> None:
        rows = material.dataset.labels
        many = tuple(replace(row, label_id=f"{row.label_id}{number}") for number in range(50) for row in rows)
        more = list(statements(_with(material, many)))
        few = list(statements(material))
        count = [sum(one["@type"] == "Activity" for one in found) for found in (few, more)]
        assert count[0] == count[1]
