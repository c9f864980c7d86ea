"""A scheme is checked whole: every fault with its place, line and hint; sound ones answer questions."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import ConfigError, Problem
from annotate.core.scheme import Scheme, contrast, fingerprint, parse_scheme
from annotate.flows.scheme import check
from annotate.store.scheme import read_scheme

ROOT = Path(__file__).parents[2]
OURS = ROOT / "schemas" / "source-criticism"
SMALL = """
[scheme]
name = "small"
title = "A small scheme"
version = "1.1.0"
languages = ["en", "de"]

[[passes]]
name = "spans"
project_type = "SequenceLabeling"
layers = ["claims", "frame"]
relations = true
guidelines = "guidelines.md"

[[layers]]
name = "claims"
title = "Claims"
pass = "spans"

[[layers]]
name = "frame"
title = "Frame"
pass = "spans"

[[labels]]
name = "CLAIM"
layer = "claims"
hotkey = "c"
background = "#1565c0"
text = "#ffffff"
definition = "What can be checked."

[[labels]]
name = "ACTOR"
layer = "frame"
hotkey = "o"
background = "#2e7d32"
text = "#ffffff"
definition = "Who speaks."

[[relations]]
name = "stated_by"
hotkey = "1"
background = "#2e7d32"
text = "#ffffff"
from = ["layer:claims"]
to = ["ACTOR"]
definition = "Whose words."

[[history]]
version = "1.0.0"
date = 2026-01-01
note = "First."
added = ["STATEMENT", "ACTOR", "stated_by"]

[[history]]
version = "1.1.0"
date = "2026-02-01"
note = "A better name."
renames = [{ from = "STATEMENT", to = "CLAIM" }]
"""
GUIDES = {"guidelines.md": b"CLAIM ACTOR stated_by", "guidelines.de.md": b"CLAIM ACTOR stated_by"}

Change = Callable[[dict[str, Any]], None]


def parse(text: str = SMALL, change: Change | None = None, files: dict[str, bytes] | None = None) -> Scheme:
    data = copy.deepcopy(tomllib.loads(text))
    if change:
        change(data)
    folder = {"scheme.toml": text.encode("utf-8"), **(GUIDES if files is None else files)}
    return parse_scheme(data, file="schemas/small/scheme.toml", files=folder)


def problems(
    text: str = SMALL, change: Change | None = None, files: dict[str, bytes] | None = None
) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text, change, files)
    return caught.value.problems


def put(table: str, number: int, key: str, value: object) -> Change:
    def change(data: dict[str, Any]) -> None:
        data[table][number][key] = value

    return change


def head(key: str, value: object) -> Change:
    return lambda data: data["scheme"].__setitem__(key, value)


def drop(table: str, number: int, key: str) -> Change:
    return lambda data: data[table][number].pop(key)


def append(table: str, **row: object) -> Change:
    return lambda data: data[table].append(row)


LOOKS = {"background": "#000000", "text": "#ffffff", "definition": "x"}

FAULTS: dict[str, tuple[Change, str, str]] = {
    "unknown key": (put("labels", 0, "hotkye", "c"), "labels[0].hotkye", "unknown key 'hotkye'"),
    "unknown table": (lambda data: data.update(lables=[]), "lables", "unknown key 'lables'"),
    "missing key": (drop("labels", 1, "definition"), "labels[1].definition", "is missing"),
    "missing table": (lambda data: data.pop("layers"), "layers", "is missing"),
    "wrong type": (put("labels", 0, "name", 7), "labels[0].name", "must be a text"),
    "flag as text": (put("passes", 0, "relations", "yes"), "passes[0].relations", "true or false"),
    "list of numbers": (put("passes", 0, "layers", [1]), "passes[0].layers", "a list of texts"),
    "bad date": (put("history", 0, "date", "2026-02-30"), "history[0].date", "a date like"),
    "table as list": (lambda data: data.update(labels={}), "labels", "must be a list of tables"),
    "scheme as text": (lambda data: data.update(scheme="x"), "scheme", "must be a table"),
    "duplicate label": (put("labels", 1, "name", "CLAIM"), "labels[1].name", "there twice"),
    "duplicate layer": (put("layers", 1, "name", "claims"), "layers[1].name", "there twice"),
    "duplicate hotkey": (put("labels", 1, "hotkey", "c"), "labels[1].hotkey", "already that of CLAIM"),
    "long hotkey": (put("labels", 0, "hotkey", "cc"), "labels[0].hotkey", "no hotkey"),
    "capital hotkey": (put("labels", 0, "hotkey", "C"), "labels[0].hotkey", "no hotkey"),
    "colour name": (put("labels", 0, "background", "blue"), "labels[0].background", "no colour"),
    "contrast": (put("labels", 0, "text", "#1565c1"), "labels[0].text", "cannot be read"),
    "empty name": (put("labels", 0, "name", " "), "labels[0].name", "empty"),
    "outer blank": (put("labels", 0, "name", "CLAIM "), "labels[0].name", "cut the blanks"),
    "long name": (put("labels", 0, "name", "X" * 101), "labels[0].name", "101 characters"),
    "control character": (put("labels", 0, "name", "CLA\u200bIM"), "labels[0].name", "invisible"),
    "unknown relation end": (put("relations", 0, "to", ["ACTER"]), "relations[0].to", "no label or layer"),
    "unknown relation layer": (put("relations", 0, "from", ["layer:claim"]), "relations[0].from", "layer:cl"),
    "label named like a relation": (put("relations", 0, "name", "CLAIM"), "relations[0].name", "also the"),
    "unknown pass": (put("layers", 0, "pass", "span"), "layers[0].pass", "there is no pass 'span'"),
    "unknown layer": (put("labels", 0, "layer", "claim"), "labels[0].layer", "there is no layer 'claim'"),
    "pass lists no such layer": (put("passes", 0, "layers", ["frame"]), "layers[0].pass", "does not list"),
    "pass lists unknown layer": (
        put("passes", 0, "layers", ["claims", "frame", "fram"]),
        "passes[0].layers",
        "no layer 'fram'",
    ),
    "project type": (
        put("passes", 0, "project_type", "SequenceLabelling"),
        "passes[0].project_type",
        "no pr",
    ),
    "relations elsewhere": (put("passes", 0, "project_type", "Seq2seq"), "passes[0].relations", "only Seq"),
    "relations nowhere": (put("passes", 0, "relations", False), "relations[0]", "no pass with relations"),
    "version": (head("version", "1.1"), "scheme.version", "no version like"),
    "version ahead": (head("version", "1.2.0"), "scheme.version", "the last one in the history 1.1.0"),
    "folder name": (head("name", "../small"), "scheme.name", "no folder name"),
    "language": (head("languages", ["en", "DE"]), "scheme.languages", "no language code"),
    "no languages": (head("languages", []), "scheme.languages", "no languages"),
    "guideline path": (put("passes", 0, "guidelines", "../x.md"), "passes[0].guidelines", "no Markdown file"),
    "guideline missing": (put("passes", 0, "guidelines", "guide.md"), "passes[0].guidelines", "is missing"),
    "label removed": (lambda data: data["labels"].pop(1), "history", "'ACTOR' is gone"),
    "label not in history": (
        append("labels", name="NEW", layer="frame", **LOOKS),
        "labels[2].name",
        "no edition in the history adds 'NEW'",
    ),
    "rename to nothing": (
        put("history", 1, "renames", [{"from": "STATEMENT", "to": "CLAM"}]),
        "history[1]",
        "no label or relation 'CLAM'",
    ),
    "rename of nothing": (
        put("history", 1, "merges", [{"from": ["CLAIM", "FACT"], "to": "CLAIM"}]),
        "history[1]",
        "no label or relation 'FACT'",
    ),
    "added twice": (put("history", 1, "added", ["ACTOR"]), "history[1].added", "was added before"),
    "name used again": (put("history", 1, "added", ["STATEMENT"]), "history[1].added", "was added before"),
    "history backwards": (
        put("history", 0, "version", "2.0.0"),
        "history[1].version",
        "oldest to the newest",
    ),
    "history dates": (put("history", 0, "date", "2027-01-01"), "history[1].date", "dated before"),
    "change without target": (
        put("history", 1, "renames", [{"from": "STATEMENT"}]),
        "history[1].renames.to",
        "is missing",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_placed(fault: str) -> None:
    change, place, what = FAULTS[fault]
    found = [problem for problem in problems(change=change) if problem.subject == place]
    assert any(what in problem.what for problem in found), problems(change=change)
    assert all(problem.file == "schemas/small/scheme.toml" for problem in found)


def test_the_sound_scheme_has_no_fault() -> None:
    scheme = parse()
    assert [label.name for label in scheme.labels_of("spans")] == ["CLAIM", "ACTOR"]
    assert [relation.name for relation in scheme.relations_of("spans")] == ["stated_by"]
    assert scheme.layer_of("ACTOR").name == "frame"
    assert scheme.is_allowed("stated_by", "CLAIM", "ACTOR")
    assert not scheme.is_allowed("stated_by", "ACTOR", "CLAIM")
    assert not scheme.is_allowed("unheard_of", "CLAIM", "ACTOR")
    assert scheme.guideline("spans", "de").file == "guidelines.de.md"
    assert scheme.guideline("spans", "fr").file == "guidelines.md"
    for ask in (scheme.pass_of, scheme.label, scheme.relation, scheme.layer_of, scheme.guideline):
        with pytest.raises(KeyError):
            ask("nothing")


def test_the_history_says_what_an_old_name_means() -> None:
    assert parse().current_names("STATEMENT") == ("CLAIM",)
    assert parse().current_names("ACTOR") == ("ACTOR",)
    assert parse().current_names("NEVER") == ()
    split = SMALL.replace(
        'renames = [{ from = "STATEMENT", to = "CLAIM" }]',
        'added = ["OTHER"]\nsplits = [{ from = "STATEMENT", to = ["CLAIM", "ACTOR"] }]\n'
        'merges = [{ from = ["OTHER"], to = "CLAIM" }]',
    )
    assert parse(split).current_names("STATEMENT") == ("CLAIM", "ACTOR")
    assert parse(split).current_names("OTHER") == ("CLAIM",)


def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    text = SMALL.replace('hotkey = "o"', 'hotkey = "c"').replace("1.1.0", "one").replace("#1565c0", "blue")
    found = problems(text)
    assert len(found) >= 4
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('hotkey = "o"', 'hotkey = "c"'),
        ('background = "#1565c0"', 'background = "blue"'),
        ('pass = "spans"\n\n[[labels]]', 'pass = "span"\n\n[[labels]]'),
        ('definition = "Whose words."', 'definitoin = "Whose words."'),
    ],
)
def test_a_fault_names_the_line_it_stands_in(old: str, new: str) -> None:
    text = SMALL.replace(old, new, 1)
    line = next(
        number
        for number, (one, other) in enumerate(zip(SMALL.splitlines(), text.splitlines(), strict=True), 1)
        if one != other
    )
    assert line in {problem.line for problem in problems(text)}


def test_near_misses_are_named() -> None:
    hints = {
        "hotkye": problems(change=put("labels", 0, "hotkye", "c")),
        "ACTER": problems(change=put("relations", 0, "to", ["ACTER"])),
        "claim": problems(change=put("labels", 0, "layer", "claim")),
    }
    meant = {"hotkye": "hotkey", "ACTER": "ACTOR", "claim": "claims"}
    for word, found in hints.items():
        assert any(f"did you mean {meant[word]!r}?" == problem.hint for problem in found)


def test_a_guideline_of_a_promised_language_must_be_there() -> None:
    found = problems(files={"guidelines.md": b"x"})
    assert [problem.what for problem in found] == ["the file guidelines.de.md is missing"]
    found = problems(files={"guidelines.md": b"x", "guidelines.de.md": b"\xff"})
    assert "not UTF-8" in found[0].what


def test_the_same_hotkey_may_serve_a_label_and_a_relation() -> None:
    assert parse(SMALL.replace('hotkey = "o"', 'hotkey = "1"')).label("ACTOR").hotkey == "1"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#1565c0", "#1565c0", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(one, other) == contrast(other, one)


names = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), st.binary()
)


@given(names, st.randoms())
def test_the_fingerprint_ignores_order_and_nothing_else(files: dict[str, bytes], random: Any) -> None:
    items = list(files.items())
    random.shuffle(items)
    assert fingerprint(dict(items)) == fingerprint(files)
    assert fingerprint({**files, "extra\0": b""}) != fingerprint(files)
    for name in files:
        assert fingerprint({**files, name: files[name] + b"x"}) != fingerprint(files)


def test_the_fingerprint_has_one_known_value() -> None:
    assert fingerprint({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint({"a": b"bc"}) != fingerprint({"ab": b"c"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5
    )
)
def test_no_value_in_any_place_makes_the_check_itself_fail(value: Any) -> None:
    data = tomllib.loads(SMALL)
    for content in data.values():
        for row in content if isinstance(content, list) else [content]:
            for key in row:
                kept, row[key] = row[key], value
                assert outcome(data) in ("sound", "faults listed")
                row[key] = kept


def outcome(data: dict[str, Any]) -> str:
    try:
        parse_scheme(data, file="scheme.toml", files={"scheme.toml": b"", **GUIDES})
    except ConfigError as error:
        return "faults listed" if error.problems else "no fault listed"
    return "sound"


# --- the folder -----------------------------------------------------------------------------------


def write(folder: Path, text: str = SMALL) -> Path:
    folder.mkdir(parents=True)
    (folder / "scheme.toml").write_text(text, encoding="utf-8")
    for name, data in GUIDES.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_is_read_and_every_byte_counts(tmp_path: Path) -> None:
    folder = write(tmp_path / "schemas" / "small")
    first = read_scheme(folder)
    assert read_scheme(folder) == first
    (folder / ".hidden").write_bytes(b"no part of the scheme")
    assert read_scheme(folder).sha256 == first.sha256
    (folder / "guidelines.de.md").write_bytes(b"CLAIM ACTOR stated_by.")
    assert read_scheme(folder).sha256 != first.sha256
    assert read_scheme(folder).guideline("spans", "en") == first.guideline("spans", "en")


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"[scheme]\nname = = 1\n", 2, "not valid TOML"),
        (b"[scheme]\nname = 1\nname = 2\n", 0, "not valid TOML"),
        (b"[scheme]\n\xff\n", 2, "not UTF-8"),
    ],
)
def test_an_unreadable_file_is_named_with_its_line(tmp_path: Path, data: bytes, line: int, what: str) -> None:
    folder = write(tmp_path / "schemas" / "small")
    (folder / "scheme.toml").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_scheme(folder)
    (problem,) = caught.value.problems
    assert problem.file == "schemas/small/scheme.toml"
    assert problem.line in (line, problem.line if line == 0 else line)
    assert what in problem.what


def test_what_is_no_scheme_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "schemas" / "small")
    with pytest.raises(ConfigError, match="there is no scheme at schemas/other") as caught:
        read_scheme(folder.parent / "other")
    assert "small" in caught.value.hint
    moved = folder.rename(folder.parent / "moved")
    with pytest.raises(ConfigError, match="its folder is 'moved'"):
        read_scheme(moved)
    (moved / "link.md").symlink_to(moved / "guidelines.md")
    with pytest.raises(ConfigError) as caught:
        read_scheme(moved)
    assert "symbolic link" in caught.value.problems[0].what


def test_the_report_warns_of_what_deserves_a_look(tmp_path: Path) -> None:
    text = SMALL.replace('hotkey = "o"\n', "").replace('text = "#ffffff"', 'text = "#c9c9c9"', 1)
    folder = write(tmp_path / "schemas" / "small", text)
    (folder / "guidelines.de.md").write_bytes(b"CLAIMS stated_by")
    report = check(tmp_path, "small")
    assert report.counts == {"passes": 1, "layers": 2, "labels": 2, "relations": 1}
    assert sorted(report.warnings) == sorted(
        [
            "CLAIM: #c9c9c9 on #1565c0 has a contrast of 3.5; 4.5 reads well",
            "ACTOR has no hotkey",
            "guidelines.de.md says nothing about CLAIM, ACTOR",
        ]
    )


# --- the scheme we ship ---------------------------------------------------------------------------


def test_our_scheme_is_sound() -> None:
    scheme = read_scheme(OURS)
    assert (scheme.version, scheme.languages) == ("1.0.0", ("en", "de"))
    assert (len(scheme.layers), len(scheme.labels), len(scheme.relations)) == (3, 18, 5)
    assert scheme.pass_of("spans").overlapping
    assert scheme.is_allowed("targets", "ENEMY", "ACTOR")
    assert scheme.is_allowed("dates", "DATE", "PLEDGE")
    assert not scheme.is_allowed("targets", "CLAIM", "ACTOR")
    assert not scheme.is_allowed("contradicts", "PLEDGE", "CLAIM")


def test_our_rhetoric_covers_every_technique_of_both_tasks() -> None:
    scheme = read_scheme(OURS)
    rhetoric = [label for label in scheme.labels if label.layer == "rhetoric"]
    assert len({name for label in rhetoric for name in label.semeval_2023}) == 23
    assert len({name for label in rhetoric for name in label.semeval_2020}) == 14
    assert all(label.group for label in rhetoric)
    assert not any(label.group or label.semeval_2023 for label in scheme.labels if label not in rhetoric)


@pytest.mark.parametrize("language", ["en", "de"])
def test_our_guidelines_can_be_read_on_the_screen(language: str) -> None:
    guideline = read_scheme(OURS).guideline("spans", language)
    assert guideline.language == language
    assert 1500 <= len(guideline.text.split()) <= 2500
    assert "\r" not in guideline.text
    assert "<" not in guideline.text, "no HTML: what the pane does with it is not ours"
    report = check(ROOT, "source-criticism")
    assert not any("says nothing about" in warning for warning in report.warnings)


@pytest.mark.parametrize("language", ["en", "de"])
def test_our_guidelines_quote_only_the_sample_corpus(language: str) -> None:
    corpus = "\n".join(
        path.read_bytes().decode("cp1252" if "cp1252" in path.name else "utf-8")
        for path in sorted((ROOT / "corpus/raw").glob("*.txt"))
    ).replace("\u00ad", "")
    text = read_scheme(OURS).guideline("spans", language).text
    quotes = [quote for line in text.splitlines() for quote in line.split("`")[1::2] if " " in quote]
    assert len(quotes) >= 36, "two examples a label"
    assert [quote for quote in quotes if quote not in corpus] == []
