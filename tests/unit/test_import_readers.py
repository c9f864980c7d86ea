"""Readers of other tools' files: what is in them, every fault at once, and hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.core.imports.foreign import ForeignFile
from annotate.formats.foreign import READERS
from annotate.formats.foreign.given import Given

FOREIGN = Path(__file__).parent.parent / "foreign"


def read(format_name: str, data: str | bytes, name: str = "ada.x", **more: Any) -> ForeignFile:
    data = data.encode("utf-8") if isinstance(data, str) else data
    return READERS[format_name](Given(name, Path(name).stem, data, **more))


def lines(*records: object) -> str:
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)


def told(file: ForeignFile) -> list[tuple[int, str]]:
    return [(problem.line, problem.what) for problem in file.broken]


RELATION = {
    "id": 7,
    "text": "Im Mai 2021 log er.",
    "meta": {"file": "a.txt"},
    "entities": [
        {"id": 1, "label": "DATE", "start_offset": 3, "end_offset": 11},
        {"id": 2, "label": "LOADED", "start_offset": 12, "end_offset": 15},
    ],
    "relations": [{"id": 5, "from_id": 1, "to_id": 2, "type": "dates"}],
    "Comments": ["why?"],
}


class TestDoccano:
    def test_an_export_with_relations(self) -> None:
        file = read("doccano", lines(RELATION), "ada.jsonl")
        (text,) = file.texts
        assert [(one.key, one.label, one.start, one.end) for one in text.labels] == [
            ("1", "DATE", 3, 11),
            ("2", "LOADED", 12, 15),
        ]
        (relation,) = text.relations
        assert (relation.relation, relation.from_key, relation.to_key) == ("dates", "1", "2")
        assert (text.annotator, text.names, text.finished) == ("ada", ("a.txt",), False)
        assert (file.unit, file.passed_over, file.broken) == ("auto", {"comments": 1}, ())

    @pytest.mark.parametrize("key", ["label", "labels"])
    def test_an_export_of_triples(self, key: str) -> None:
        file = read("doccano", lines({"id": 1, "data": "Im Mai", key: [[3, 6, "DATE"]]}))
        assert [(one.label, one.start, one.end) for one in file.texts[0].labels] == [("DATE", 3, 6)]

    @pytest.mark.parametrize(
        ("name", "who"), [("all.jsonl", ""), ("unknown.jsonl", ""), ("ben.jsonl", "ben")]
    )
    def test_the_person_is_the_name_of_the_file(self, name: str, who: str) -> None:
        assert read("doccano", lines(RELATION), name).texts[0].annotator == who

    def test_our_own_passages_are_known_by_their_id(self) -> None:
        record = {**RELATION, "meta": {}, "ext": {"passage": "psg-000000000001", "part": "1 of 1"}}
        assert read("doccano", lines(record)).texts[0].names == ("psg-000000000001",)

    def test_every_bad_line_is_named(self) -> None:
        entity = {"id": 1, "label": "DATE", "start_offset": 0, "end_offset": 1}
        file = read(
            "doccano",
            lines(
                RELATION,
                "{",
                "[1]",
                {"text": 5, "entities": []},
                {"text": "x"},
                {"text": "x", "entities": [{**entity, "start_offset": 1.0}]},
                {"text": "x", "entities": [{**entity, "end_offset": True}]},
                {"text": "x", "entities": [{**entity, "label": " "}]},
                {"text": "x", "label": ["sports"]},
                {"text": "x", "entities": [], "relations": [{"type": "dates"}]},
                RELATION,
            ),
        )
        assert [line for line, _ in told(file)] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
        assert len(file.texts) == 2
        assert "text is a number, not text" in told(file)[2][1]

    def test_hostile_lines_are_refused_one_by_one(self) -> None:
        entity = '{"id":1,"label":"DATE","start_offset":%s,"end_offset":3}'
        huge = '{"text":"abc","entities":[' + entity % ("9" * 5000) + "]}"
        large = '{"text":"abc","entities":[' + entity % ("9" * 30) + "]}"
        file = read(
            "doccano",
            lines(
                huge,
                large,
                "[" * 200_000,
                '{"text":"\\ud83d","entities":[]}',
                '{"text":"abc","entities":[' + entity % "NaN" + "]}",
                '{"text":"abc","label":[[0,1,"a\\u001bb"]]}',
            ).encode()
            + b'{"text":"\xff"}\n',
        )
        assert [line for line, _ in told(file)] == [1, 2, 3, 4, 5, 6, 7]
        assert file.texts == ()
        assert all(len(what) < 300 for _, what in told(file))


class TestProdigy:
    RECORD: dict[str, Any] = {  # noqa: RUF012
        "text": "Im Mai 2021 log er.",
        "meta": {"source": "a.txt"},
        "spans": [
            {"start": 3, "end": 11, "label": "DATE", "token_start": 1, "token_end": 2},
            {"start": 12, "end": 15, "label": "LOADED"},
        ],
        "relations": [
            {
                "head": 2,
                "child": 3,
                "label": "dates",
                "head_span": {"start": 3, "end": 11, "label": "DATE"},
                "child_span": {"start": 12, "end": 15, "label": "LOADED"},
            }
        ],
        "_annotator_id": "news-ada",
        "_session_id": "news-ben",
        "_timestamp": 1700000000,
        "answer": "accept",
    }

    def test_an_accepted_example(self) -> None:
        file = read("prodigy", lines(self.RECORD))
        (text,) = file.texts
        assert (text.annotator, text.finished, text.names) == ("news-ada", True, ("a.txt",))
        assert [one.created_at for one in text.labels] == ["2023-11-14T22:13:20Z"] * 2
        (relation,) = text.relations
        assert (relation.from_key, relation.to_key) == tuple(one.key for one in text.labels)
        assert file.unit == "code-points"

    def test_rejected_and_ignored_examples_are_counted_and_bring_no_label(self) -> None:
        file = read(
            "prodigy", lines(*({**self.RECORD, "answer": one} for one in ("reject", "ignore", "ignore")))
        )
        assert file.texts == ()
        assert file.passed_over == {"examples answered reject": 1, "examples answered ignore": 2}

    def test_the_session_stands_in_for_the_annotator(self) -> None:
        record = {name: value for name, value in self.RECORD.items() if name != "_annotator_id"}
        assert read("prodigy", lines(record)).texts[0].annotator == "news-ben"

    def test_every_bad_line_is_named(self) -> None:
        file = read(
            "prodigy",
            lines(
                {**self.RECORD, "answer": "perhaps"},
                {**self.RECORD, "spans": {}},
                {**self.RECORD, "spans": [{"start": 0, "label": "DATE"}]},
                {**self.RECORD, "relations": [{"label": "dates", "head": 1, "child": 2}]},
                {**self.RECORD, "_timestamp": 1e300},
            ),
        )
        assert [line for line, _ in told(file)] == [1, 2, 3, 4]
        assert [one.created_at for one in file.texts[0].labels] == ["", ""]


class TestLabelStudio:
    RESULT: tuple[dict[str, Any], ...] = (
        {
            "id": "a",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 3, "end": 11, "text": "Mai 2021", "labels": ["DATE"]},
        },
        {
            "id": "b",
            "type": "labels",
            "value": {"start": 12, "end": 15, "text": "log", "labels": ["LOADED", "PUB"]},
        },
        {"type": "relation", "from_id": "b", "to_id": "a", "direction": "left", "labels": ["dates"]},
        {"id": "c", "type": "choices", "value": {"choices": ["news"]}},
    )

    def task(self, **changes: Any) -> dict[str, Any]:
        annotation = {
            "id": 9,
            "completed_by": {"id": 3, "email": "ada@example.org"},
            "created_at": "2024-05-01T10:00:00.000000Z",
            "updated_at": "2024-05-02T10:00:00.000000Z",
            "result": list(self.RESULT),
        }
        task = {"id": 1, "data": {"text": "Im Mai 2021 log er.", "file": "a.txt"}, "predictions": [{}]}
        return {**task, "annotations": [{**annotation, **changes}]}

    def test_a_task(self) -> None:
        file = read("label-studio", json.dumps([self.task()]))
        (text,) = file.texts
        assert [(one.label, one.quote) for one in text.labels] == [
            ("DATE", "Mai 2021"),
            ("LOADED", "log"),
            ("PUB", "log"),
        ]
        assert (text.annotator, text.finished, text.names) == ("ada@example.org", True, ("a.txt",))
        (relation,) = text.relations
        assert (relation.from_key, relation.to_key) == ("a", "b"), "an arrow to the left points back"
        assert file.passed_over == {"predictions": 1, "results of type choices": 1}

    def test_completions_of_older_versions_and_users_by_number(self) -> None:
        task = self.task(completed_by=7)
        task["completions"] = task.pop("annotations")
        assert read("label-studio", json.dumps([task])).texts[0].annotator == "label-studio-7"

    def test_two_people_are_two_texts_and_a_skipped_one_is_counted(self) -> None:
        task = self.task()
        task["annotations"] += self.task(completed_by=7)["annotations"]
        task["annotations"] += self.task(was_cancelled=True)["annotations"]
        file = read("label-studio", json.dumps([task]))
        assert [one.annotator for one in file.texts] == ["ada@example.org", "label-studio-7"]
        assert file.passed_over["skipped annotations"] == 1

    def test_what_has_no_place_in_plain_text_is_listed(self) -> None:
        html = {**self.RESULT[0], "type": "hypertextlabels", "value": {"hypertextlabels": ["DATE"]}}
        both = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "bi", "labels": ["dates"]}
        file = read("label-studio", json.dumps([self.task(result=[*self.RESULT, html, both])]))
        assert [one.what.split(",")[0] for one in file.left_out] == [
            "stands in marked-up text or in a dialogue",
            "has direction 'bi'; here a relation has one",
        ]

    def test_every_bad_task_is_named_with_its_line(self) -> None:
        tasks = [self.task(), {"id": 2, "data": {}}, 5, self.task(result=[{"type": "labels"}]), {"id": 4}]
        text = "[\n" + ",\n".join(json.dumps(one) for one in tasks) + "\n]"
        assert [line for line, _ in told(read("label-studio", text))] == [3, 4, 5, 6]

    @pytest.mark.parametrize("text", ["{}", "[", "", '[{"a": NaN}]', "\ufeff5"])
    def test_a_file_that_is_no_export(self, text: str) -> None:
        file = read("label-studio", text)
        assert [line for line, _ in told(file)] == [0]
        assert file.texts == ()


class TestBrat:
    ANN = (
        "T1\tDATE 3 11\tMai 2021\n"
        "T2\tLOADED 12 15\tlog\n"
        "T3\tLOADED 0 2;12 15\tIm log\n"
        "R1\tdates Arg1:T1 Arg2:T2\t\n"
        "A1\tNegation T2\n"
        "E1\tSay:T2\n"
        "#1\tAnnotatorNotes T1\ta note\n"
    )
    TEXT = b"Im Mai 2021 log er."

    def test_a_pair(self) -> None:
        file = read("brat", self.ANN, "import.ann", text_data=self.TEXT)
        (text,) = file.texts
        assert [(one.key, one.label, one.start, one.end, one.quote) for one in text.labels] == [
            ("T1", "DATE", 3, 11, "Mai 2021"),
            ("T2", "LOADED", 12, 15, "log"),
        ]
        assert [(one.from_key, one.to_key) for one in text.relations] == [("T1", "T2")]
        assert text.names == ("import.txt", "import")
        assert text.line_of("R1") == 4
        assert file.passed_over == {"attributes": 1, "events": 1, "notes": 1}
        assert [(one.line, one.subject) for one in file.left_out] == [(3, "LOADED T3")]

    def test_every_bad_line_is_named(self) -> None:
        rows = [
            "T1\tDATE 3 11\tMai 2021",
            "T1\tDATE 3 11\tMai 2021",
            "T2 DATE 3 11",
            "T3\tDATE 3\tx",
            "T4\tDATE -3 11\tx",
            f"T5\tDATE 0 {'9' * 5000}\tx",
            "R1\tdates T1 T1",
            "Q1\twhat",
        ]
        file = read("brat", "\n".join(rows), text_data=self.TEXT)
        assert [line for line, _ in told(file)] == [2, 3, 4, 5, 6, 7, 8]

    def test_bytes_that_are_no_text(self) -> None:
        assert len(read("brat", self.ANN, text_data=b"\xff").broken) == 1

    def test_the_fingerprint_is_over_both_files(self) -> None:
        one = read("brat", self.ANN, text_data=self.TEXT)
        assert one.sha256 != read("brat", self.ANN, text_data=self.TEXT + b" ").sha256


class TestCas:
    LAYER = "webanno.custom.Claim:kind,webanno.custom.Dates"
    DATA = (FOREIGN / "inception.xmi").read_bytes()

    def test_a_file_that_dkpro_cassis_wrote(self) -> None:
        file = read("cas", self.DATA, "a-emoji.xmi", layer=self.LAYER)
        (text,) = file.texts
        assert (file.unit, text.names, len(text.text)) == ("utf-16", ("a-emoji",), 166)
        assert [(one.key, one.label, one.start, one.end) for one in text.labels] == [
            ("2", "DATE", 108, 119),
            ("3", "LOADED", 75, 91),
        ]
        assert [(one.relation, one.from_key, one.to_key) for one in text.relations] == [("dates", "2", "3")]
        assert [text.line_of(key) for key in "234"] == [4, 5, 6]

    def test_the_feature_is_asked_for_where_it_is_not_clear(self) -> None:
        file = read("cas", self.DATA, layer="webanno.custom.Claim")
        assert [line for line, _ in told(file)] == [4, 5]
        assert "--layer webanno.custom.Claim:FEATURE" in told(file)[0][1]

    def test_a_layer_that_is_not_there_names_those_that_are(self) -> None:
        (problem,) = read("cas", self.DATA, layer="webanno.custom.Clam").broken
        assert problem.hint == "layers here: webanno.custom.Claim, webanno.custom.Dates"

    def test_the_title_of_the_document_is_a_name(self) -> None:
        space = b'xmlns:m="http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore"'
        data = self.DATA.replace(b"<xmi:XMI ", b"<xmi:XMI " + space + b" ").replace(
            b"<cas:NULL",
            b'<m:DocumentMetaData xmi:id="9" sofa="1" begin="0" documentTitle="a.txt"/><cas:NULL',
        )
        assert read("cas", data, "ada.xmi", layer=self.LAYER).texts[0].names == ("a.txt", "ada")

    def test_bombs_of_entities_are_refused_before_they_go_off(self) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<x>&b;</x>'
        (problem,) = read("cas", b"<?xml version='1.0'?>\n" + bomb, layer=self.LAYER).broken
        assert (problem.line, "document type" in problem.what) == (2, True)

    def test_a_foreign_file_is_never_fetched(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("hidden")
        data = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><x>&s;</x>'
        file = read("cas", data, layer=self.LAYER)
        assert len(file.broken) == 1
        assert "hidden" not in str(file)

    @pytest.mark.parametrize(
        ("old", "new", "line"),
        [
            (b'begin="108"', b'begin="-1"', 4),
            (b'begin="108"', b'begin="' + b"9" * 5000 + b'"', 4),
            (b'end="119"', b"", 4),
            (b"sofaString=", b"other=", 7),
            (b"</xmi:XMI>", b"", 10),
            (b'sofa="1" begin="108"', b'sofa="7" begin="108"', 4),
        ],
    )
    def test_broken_files(self, old: bytes, new: bytes, line: int) -> None:
        file = read("cas", self.DATA.replace(old, new), layer=self.LAYER)
        assert [one for one, _ in told(file)][:1] == [line]
