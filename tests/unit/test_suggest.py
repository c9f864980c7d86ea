"""`annotate suggest`: our component, and a span categorizer trained here in its place."""

from __future__ import annotations

import json
import random
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from spacy.tokens import SpanGroup
from spacy.training import Example
from spacy.util import minibatch
from typer.testing import CliRunner

import annotate
from annotate.cli import suggest as command
from annotate.core.errors import BadInput, ConfigError, UsageError
from annotate.core.ids import content_id, sha256_hex
from annotate.core.model import Document, Passage, Piece
from annotate.flows.suggest import dry_report, plan, suggest
from annotate.nlp.pipelines import limits, load_pipeline
from annotate.store.built import Built, write_built
from annotate.store.study import Study
from annotate.store.suggestions import named, read_runs, write_run

REPOSITORY = Path(__file__).resolve().parents[2]
TEXTS = [
    ("de", "2018-09-17", "Die Fähre wurde am 3. April 1970 eingeweiht. Der Hafen wächst seit 1990."),
    ("en", "2024-06-18", "🎉 The bridge was opened on June 5. It had been planned since March 2024."),
    ("en", None, "Nothing in this text says when."),
    ("fr", None, "Le pont fut ouvert en 1974."),
]
CONFIG = """
[study]
id = "0a0a0a0a-0000-4000-8000-000000000000"
name = "Test"

[passes.spans]
suggest = ["stated_dates"]
"""


def passage_and_document(number, language, published, text):
    key = f"{number:012x}"
    passage = Passage(
        f"psg-{key}", f"doc-{key}", f"src-{key}", f"{key}.txt", 1, 1, text, (Piece("verbatim", 0, len(text)),)
    )
    names = (None,) * 6
    document = Document(
        f"doc-{key}", f"src-{key}", f"{key}.txt", 0, len(text), *names, published, None, language, 1.0
    )
    return passage, document


def build(study, texts):
    made = [passage_and_document(number, *row) for number, row in enumerate(texts)]
    write_built(study, Built((), (), tuple(doc for _, doc in made), tuple(passage for passage, _ in made)))


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    shutil.copytree(REPOSITORY / "schemas" / "source-criticism", root / "schemas" / "source-criticism")
    (root / "annotate.toml").write_text(CONFIG, encoding="utf-8")
    study = Study(root)
    build(study, TEXTS)
    return study


def texts_of(study):
    return {f"psg-{number:012x}": text for number, (_, _, text) in enumerate(TEXTS)}


def test_stated_dates_become_suggestions(study):
    report = suggest(study)
    assert [(run.languages, run.passages, run.suggestions) for run in report.runs] == [
        (("de",), 1, 2),
        (("en",), 2, 2),
    ]
    assert [(left.language, left.passages) for left in report.unserved] == [("fr", 1)]
    runs = {run.run_id: run for run in read_runs(study)}
    found = [one for run in report.runs for one in runs[run.run_id].suggestions]
    assert [(one.quote, one.value, one.layer, one.label) for one in found] == [
        ("3. April 1970", "1970-04-03", "frame", "DATE"),
        ("1990", "1990", "frame", "DATE"),
        ("June 5", "2024-06-05", "frame", "DATE"),
        ("March 2024", "2024-03", "frame", "DATE"),
    ]
    assert json.loads(found[2].note) == {
        "type": "DATE",
        "value": "2024-06-05",
        "rule": "month-day",
        "anchor": {"kind": "publication"},
        "why": "nearest to publication",
    }
    for one in found:
        assert texts_of(study)[one.passage_id][one.start : one.end] == one.quote
        assert (one.agent, one.agent_version) == ("stated_dates", annotate.__version__)
        assert one.value_type == "EDTF"
        assert 0 < one.score <= 1


def test_a_run_names_every_passage_it_saw_and_what_it_was(study):
    report = suggest(study)
    english = next(run for run in read_runs(study) if run.run_id == report.runs[1].run_id)
    assert english.passages_seen == ("psg-000000000001", "psg-000000000002")
    assert sha256_hex(english.config.encode()) == english.config_sha256
    assert json.loads(english.config)["components"]["stated_dates"]["layer"] == "stated_dates"
    assert {one.config_sha256 for one in english.suggestions} == {english.config_sha256}


def test_a_second_time_nothing_changes(study):
    suggest(study)
    before = {path.name: path.read_bytes() for path in study.suggestions_dir.iterdir()}
    report = suggest(study)
    assert [(run.run_id, run.passages, run.seen_before) for run in report.runs] == [
        (None, 0, 1),
        (None, 0, 2),
    ]
    assert {path.name: path.read_bytes() for path in study.suggestions_dir.iterdir()} == before
    shutil.rmtree(study.suggestions_dir)
    suggest(study)
    assert {path.name: path.read_bytes() for path in study.suggestions_dir.iterdir()} == before


def test_only_new_passages_are_read(study):
    suggest(study)
    build(study, [*TEXTS, ("en", None, "A new text, of May 2011.")])
    report = suggest(study)
    assert [(run.passages, run.seen_before) for run in report.runs] == [(0, 1), (1, 2)]
    assert len(read_runs(study)) == 3


def test_a_plan_writes_nothing_and_progress_is_told(study):
    report = dry_report(plan(study))
    assert [(run.passages, run.run_id) for run in report.runs] == [(1, None), (2, None)]
    assert not study.suggestions_dir.exists()
    steps = []
    suggest(study, advance=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


# --- another pipeline in its place ----------------------------------------------------------------


def sentences():
    who = ["The ministry", "The council", "A reporter", "The harbour office", "The crew"]
    did = ["opened the bridge", "counted nine ships", "closed the market", "signed the treaty"]
    will = ["will open a school", "will build two piers", "promises a new ferry", "will plant trees"]
    for subject in who:
        for rest, label in [*((one, "CLAIM") for one in did), *((one, "PROMISE") for one in will)]:
            yield f"{subject} {rest}.", len(f"{subject} {rest}"), label


def trained():
    """A tiny span categorizer on invented sentences."""
    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en", meta={"name": "tiny_claims", "version": "0.3.1"})
    suggester = {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 4, "max_size": 8}
    nlp.add_pipe("spancat", config={"spans_key": "sc", "suggester": suggester, "threshold": 0.5})
    examples = []
    for text, end, label in sentences():
        doc = nlp.make_doc(text)
        true = doc.copy()
        true.spans["sc"] = SpanGroup(true, name="sc", spans=[true.char_span(0, end, label=label)])
        examples.append(Example(doc, true))
    optimizer = nlp.initialize(lambda: examples)
    dice = random.Random(1)
    for _ in range(14):
        dice.shuffle(examples)
        for batch in minibatch(examples, 8):
            nlp.update(batch, sgd=optimizer)
    return nlp


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "tiny"
    trained().to_disk(folder)
    return folder


@pytest.fixture
def claims_study(study):
    build(
        study,
        [
            ("en", None, "🎉 The council opened the bridge. The crew will plant trees."),
            ("en", None, "Rain."),
            ("de", None, "Der Rat tagte."),
        ],
    )
    return study


def test_a_trained_span_categorizer_suggests_in_its_place(claims_study, model):
    report = suggest(claims_study, [str(model)], {"PROMISE": "PLEDGE"})
    (run,) = read_runs(claims_study)
    assert report.runs[0].run_id == run.run_id
    assert (run.agent, run.agent_version) == ("en_tiny_claims", "0.3.1")
    assert run.passages_seen == ("psg-000000000000", "psg-000000000001")
    assert [(left.language, left.passages) for left in report.unserved] == [("de", 1)]
    found = {(one.quote, one.label, one.layer) for one in run.suggestions}
    assert ("The council opened the bridge", "CLAIM", "claims") in found
    assert ("The crew will plant trees", "PLEDGE", "claims") in found
    for one in run.suggestions:
        assert 0.5 <= one.score <= 1
        assert (one.value, one.value_type, one.note) == (None, None, "")
        assert one.config_sha256 == run.config_sha256 == sha256_hex(run.config.encode())
    # No path of this machine, and the weights are part of the identity.
    assert str(model.parent) not in run.config
    assert json.loads(run.config)["map"] == {"PROMISE": "PLEDGE"}
    assert len(json.loads(run.config)["files_sha256"]) == 64
    assert suggest(claims_study, [str(model)], {"PROMISE": "PLEDGE"}).runs[0].run_id is None


def test_a_label_that_the_scheme_lacks_is_counted_and_left_out(claims_study, model):
    report = suggest(claims_study, [str(model)])
    assert report.runs[0].unknown_labels.keys() == {"PROMISE"}
    assert {one.label for run in read_runs(claims_study) for one in run.suggestions} == {"CLAIM"}


def test_other_weights_are_another_agent(claims_study, model, tmp_path):
    suggest(claims_study, [str(model)])
    copy = tmp_path / "elsewhere"
    shutil.copytree(model, copy)
    assert suggest(claims_study, [str(copy)]).runs[0].run_id is None, "the same model in another folder"
    meta = json.loads((copy / "meta.json").read_text())
    (copy / "meta.json").write_text(json.dumps({**meta, "description": "retrained"}))
    assert suggest(claims_study, [str(copy)]).runs[0].passages == 2


def test_an_installed_package_is_found_by_its_name(claims_study, model, tmp_path, monkeypatch):
    site = tmp_path / "site"
    info = site / "en_tiny_claims-0.3.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: en_tiny_claims\nVersion: 0.3.1\n")
    package = site / "en_tiny_claims"
    shutil.copytree(model, package / "en_tiny_claims-0.3.1")
    shutil.copy(model / "meta.json", package)
    (package / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "en_tiny_claims", raising=False)
    report = suggest(claims_study, ["en_tiny_claims"], {"PROMISE": "PLEDGE"})
    assert (report.runs[0].agent, report.runs[0].agent_version) == ("en_tiny_claims", "0.3.1")
    assert report.runs[0].suggestions >= 2


# --- what can be wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("no_such_pipeline", "no such component, folder or installed package"),
        ("spancat_of_nobody-1", "no such component, folder or installed package"),
        (".", "is no spaCy pipeline"),
    ],
)
def test_a_pipeline_that_is_none(study, monkeypatch, spec, message):
    monkeypatch.chdir(study.root)
    with pytest.raises(ConfigError, match=message) as caught:
        suggest(study, [spec])
    assert caught.value.hint
    assert not study.suggestions_dir.exists()


def test_a_pipeline_for_another_language(study, model):
    build(study, [("de", None, "Der Rat tagte.")])
    with pytest.raises(ConfigError, match="none of the languages"):
        suggest(study, [str(model)])


def test_a_damaged_pipeline(study, model, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    (broken / "spancat" / "model").write_bytes(b"\x00")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        suggest(study, [str(broken)])


def test_an_untrained_pipeline(study):
    with pytest.raises(ConfigError, match="the pipeline ner failed"):
        suggest(study, ["ner"])
    assert not list(study.suggestions_dir.glob("*"))


def test_a_map_to_nowhere(study):
    with pytest.raises(ConfigError, match="NOWHERE"):
        plan(study, renames={"PROMISE": "NOWHERE"})


def test_nothing_ingested_yet(tmp_path, study):
    shutil.rmtree(study.built_dir)
    with pytest.raises(ConfigError) as caught:
        suggest(study)
    assert "annotate ingest" in caught.value.hint


def test_every_bad_line_of_every_run_is_named(study):
    report = suggest(study)
    first, second = (study.suggestions_dir / f"{run.run_id}.jsonl" for run in report.runs)
    lines = first.read_text(encoding="utf-8").splitlines()
    first.write_text("\n".join([lines[0], "{}", '{"half', *lines[1:]]) + "\n", encoding="utf-8")
    second.write_bytes(b"\xff\n")
    with pytest.raises(BadInput) as caught:
        read_runs(study)
    places = {(Path(problem.file).stem, problem.line) for problem in caught.value.problems}
    assert places == {(report.runs[0].run_id, 2), (report.runs[0].run_id, 3), (report.runs[1].run_id, 1)}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda one: replace(one, start=one.start + 1), "is not the place of"),
        (lambda one: replace(one, passage_id="psg-ffffffffffff"), "not among those the run looked at"),
        (lambda one: replace(one, agent="somebody"), "belongs to another run"),
        (lambda one: replace(one, score=0.123), "changed by hand"),
    ],
)
def test_a_run_that_was_changed_by_hand_is_noticed(study, change, what):
    suggest(study)
    run = read_runs(study)[0]
    write_run(study, replace(run, suggestions=(change(run.suggestions[0]), *run.suggestions[1:])))
    with pytest.raises(BadInput) as caught:
        read_runs(study)
    assert any(what in problem.what for problem in caught.value.problems)


def test_a_composed_suggester_does_what_it_can_in_other_languages():
    assert limits("source_criticism", "de") == {}
    assert "claims" in limits("source_criticism", "es")
    pipeline = load_pipeline("source_criticism", "es")
    doc = pipeline.nlp("El 3 de mayo de 2021 llovió.")
    assert [span.text for span in doc.spans["stated_dates"]]


def test_a_runs_id_is_its_content(study):
    suggest(study)
    for run in read_runs(study):
        assert named(run) == run
        assert named(replace(run, passages_seen=run.passages_seen[:0])).run_id != run.run_id
    assert content_id("run", 1).startswith("run-")


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def run_command(study, monkeypatch):
    import typer

    app = typer.Typer()
    app.command()(command.suggest)
    monkeypatch.chdir(study.root)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_the_command_prints_json_or_lines(run_command):
    dry = run_command("--dry-run")
    assert "would read 2 passages" in dry.stdout
    first = json.loads(run_command("--json").stdout)
    assert [run["suggestions"] for run in first["runs"]] == [2, 2]
    again = run_command()
    assert again.stdout.count("already there") == 2
    assert "1 document in 'fr' (1 passage): not looked at by stated_dates (de, en, es only)" in again.stderr


def test_a_map_without_an_equals_sign_is_a_usage_error(run_command):
    result = run_command("--map", "PROMISE")
    assert isinstance(result.exception, UsageError)
