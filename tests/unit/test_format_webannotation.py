"""W3C Web Annotation: the standard's own assertions, and places that can be checked against the sources."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import materials
import pytest
import referencing
import studies
from hypothesis import given, settings
from referencing.jsonschema import DRAFT4

from annotate.formats.writers import webannotation

SUITE = Path(__file__).parents[2].parent / "shared" / "validators" / "w3c-web-annotation"
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C test suite is not beside the repository")
CONTEXT = "http://www.w3.org/ns/anno.jsonld"


@cache
def collection() -> dict[str, Any]:
    files, _ = materials.written(webannotation.write, materials.nasty())
    found: dict[str, Any] = json.loads(files["labels.jsonld"])
    return found


def annotations() -> list[dict[str, Any]]:
    """The annotations as documents of their own: with the context of their collection."""
    made = collection()
    return [{"@context": made["@context"], **item} for item in made["first"]["items"]]


@cache
def assertions(name: str) -> dict[str, jsonschema.Draft4Validator]:
    """Every MUST of a list of the suite, by name."""
    registry: referencing.Registry[Any] = referencing.Registry().with_resources(
        (path.name, DRAFT4.create_resource(json.loads(path.read_bytes())))
        for path in (SUITE / "definitions").glob("*.json")
    )
    found = {}
    for path in json.loads((SUITE / name).read_bytes())["assertions"]:
        schema = json.loads((SUITE / path).read_bytes())
        assert schema["expectedResult"] == "valid"
        checks = jsonschema.Draft4Validator.FORMAT_CHECKER
        found[path] = jsonschema.Draft4Validator(schema, registry=registry, format_checker=checks)
    return found


def failing(name: str, document: object) -> list[str]:
    return [path for path, one in assertions(name).items() if not one.is_valid(document)]


@needs_suite
class TestSuite:
    def test_every_annotation_passes_all_musts(self) -> None:
        # One of each shape: which properties there are, and how many selectors.
        musts = "annotations/annotationMusts.test"
        assert len(assertions(musts)) == 54
        shapes = {tuple(one) + tuple(len(target) for target in one["target"]): one for one in annotations()}
        assert len(shapes) > 3
        assert {tuple(failing(musts, one)) for one in shapes.values()} == {()}

    def test_the_collection_and_its_page_pass_all_musts(self) -> None:
        assert failing("collections/collectionMusts.test", collection()) == []
        page = {"@context": collection()["@context"], **collection()["first"]}
        assert failing("collections/pages/pageMusts.test", page) == []

    @pytest.mark.parametrize(
        ("broken", "named"),
        [
            (lambda one: one.pop("@context"), "ContextValidated"),
            (lambda one: one.update(id="not a uri <>"), "IdValidated"),
            (lambda one: one.update(type="Label"), "TypeValidated"),
            (lambda one: one.pop("target"), "targetKeyFound"),
            (lambda one: one.update(created="yesterday"), "CreatedValidated"),
            (lambda one: one["target"][0]["selector"][0].pop("start"), "PositionSelectorValid"),
            (lambda one: one["target"][1]["selector"][1].pop("exact"), "textQuoteSelectorValid"),
        ],
    )
    def test_a_broken_annotation_fails(self, broken: Callable[[dict[str, Any]], object], named: str) -> None:
        one = copy.deepcopy(annotations()[0])
        broken(one)
        assert any(named in path for path in failing("annotations/annotationMusts.test", one))


class TestPlaces:
    def test_every_source_quote_is_what_the_source_reads_there_and_once(self) -> None:
        texts = {name: studies.text_of(parts) for name, (_, parts) in studies.FILES.items()}
        quotes = 0
        for one in annotations():
            if one["motivation"] != "tagging":
                continue
            source = one["target"][0]
            text = texts[source["annotate:source_file"]]
            place, *rest = source["selector"]
            for quote in rest:
                quotes += 1
                assert text[place["start"] : place["end"]] == quote["exact"]
                whole = quote.get("prefix", "") + quote["exact"] + quote.get("suffix", "")
                assert text.startswith(whole, place["start"] - len(quote.get("prefix", "")))
        assert quotes == 12

    def test_every_passage_quote_is_what_the_passage_reads(self) -> None:
        texts = {row.passage_id: row.text for row in materials.nasty().dataset.passages}
        for one in annotations():
            if one["motivation"] == "tagging":
                passage = one["target"][1]
                place, quote = passage["selector"]
                text = texts[passage["annotate:passage_id"]]
                assert text[place["start"] : place["end"]] == quote["exact"]

    def test_sources_are_named_by_their_bytes(self) -> None:
        hashes = {row.source_file: row.sha256 for row in materials.nasty().dataset.sources}
        for one in annotations():
            if one["motivation"] == "tagging":
                name = one["target"][0]["source"]
                digest = base64.urlsafe_b64decode(name.removeprefix("ni:///sha-256;") + "=").hex()
                assert digest == hashes[one["target"][0]["annotate:source_file"]]

    def test_people_and_machines_are_told_apart(self) -> None:
        by_id = {one["annotate:label_id"]: one for one in annotations() if "annotate:label_id" in one}
        for row in materials.nasty().dataset.labels:
            one = by_id[row.label_id]
            assert one.get("creator", {}).get("nickname", "") == row.annotator
            assert one.get("generator", {}).get("name", "") == row.agent
            assert one["body"][0]["value"] == row.label
            assert one.get("annotate:origin", "") == row.origin
        relations = materials.nasty().dataset.relations
        links = [one for one in annotations() if one["motivation"] == "linking"]
        for relation, link in zip(relations, links, strict=True):
            assert link["target"]["id"] == by_id[relation.from_label_id]["id"]
            assert link["body"][1]["id"] == by_id[relation.to_label_id]["id"]
            assert link.get("generator", {}).get("name", "") == relation.agent
            assert link["annotate:origin"] == relation.origin

    @given(materials.materials())
    @settings(max_examples=12)
    def test_any_dataset_is_one_line_a_label(self, material: materials.Material) -> None:
        files, _ = materials.written(webannotation.write, material)
        made = json.loads(files["labels.jsonld"])
        items = made.get("first", {"items": []})["items"]
        assert made["total"] == len(items) == len(material.dataset.labels) + len(material.dataset.relations)
        assert len({one["id"] for one in items}) == len(items)
        rows = {row.label_id: row for row in material.dataset.labels}
        for one in items:
            if one["motivation"] == "tagging":
                row = rows[one["annotate:label_id"]]
                assert one["target"][1]["selector"][1]["exact"] == row.quote
                assert one["target"][0]["selector"][1]["exact"] == row.quote

    def test_the_same_material_gives_the_same_bytes(self) -> None:
        one, two = (materials.written(webannotation.write, materials.nasty()) for _ in range(2))
        assert one == two

    def test_texts_and_numbers_are_written_as_the_json_module_writes_them(self) -> None:
        # The encoder is another one; bytes of datasets that exist must not change with it.
        material = materials.nasty()
        every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
        first, *others = material.dataset.labels
        changed = replace(first, label=every, score=1e-05)
        dataset = replace(material.dataset, labels=(changed, *others))
        files, _ = materials.written(webannotation.write, replace(material, dataset=dataset))
        lines = files["labels.jsonld"].split(b"\n")
        assert b'"annotate:score":1e-05' in lines[1]
        for line in lines[1 : 1 + len(dataset.labels)]:
            said = line.removesuffix(b",")
            again = json.dumps(json.loads(said), ensure_ascii=False, separators=(",", ":"))
            assert again.encode() == said
