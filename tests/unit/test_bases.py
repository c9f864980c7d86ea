"""A trained pipeline under our components, and in their place: a real one, tiny, trained here."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from typer.testing import CliRunner

from annotate import __version__
from annotate.cli.app import app
from annotate.core.errors import ConfigError, UsageError
from annotate.core.model import Document, Passage, Piece
from annotate.flows.suggest import plan, suggest
from annotate.flows.suggest_list import suggesters
from annotate.nlp.bases import find_base
from annotate.nlp.pipelines import load_pipeline, reads_annotations
from annotate.store.built import Built, write_built
from annotate.store.study import Study
from annotate.store.suggestions import read_runs

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG = """
[study]
id = "0a0a0a0a-0000-4000-8000-000000000000"
name = "Test"
[passes.spans]
suggest = ["attribution"]
"""
ROWS = (
    "The/DET/det/2 head/NOUN/nsubj/8 of/ADP/prep/2 the/DET/det/5 {office}/NOUN/pobj/3 in/ADP/prep/5 "
    "{place}/PROPN/pobj/6 said/VERB/ROOT/8 that/SCONJ/mark/12 the/DET/det/11 {thing}/NOUN/nsubj/12 "
    "sank/VERB/ccomp/8 ./PUNCT/punct/8"
)
DESCRIBED = (
    "The/DET/det/2 claims/NOUN/nsubj/9 that/PRON/dobj/6 the/DET/det/5 {office}/NOUN/nsubj/6 "
    "rejected/VERB/relcl/2 in/ADP/prep/6 {place}/PROPN/pobj/7 filled/VERB/ROOT/9 {thing}/NOUN/dobj/9 "
    "./PUNCT/punct/9"
)
CLAIMS = "The claims that the office rejected in Velm filled books."
SENTENCE = "The head of the office in Velm said that the ferry sank."
TOK2VEC = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 32,
    "depth": 2,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}
PLAIN = __version__
PASSAGES = [("en", SENTENCE), ("ko", "“다리 만세!”"), ("en", CLAIMS)]
TINY = f"{PLAIN}+en_tiny_parsed-1.2.3"


def examples(nlp: Language) -> list[Example]:
    """Twelve sentences of two forms, parsed and with the names of places."""
    made = []
    for office, ship, thing in (("office", "ferry", "books"), ("court", "boat", "halls")):
        for place, written in product(("Velm", "Ostmark", "Harnstad"), (ROWS, DESCRIBED)):
            filled = written.format(office=office, place=place, thing=ship if written is ROWS else thing)
            rows = [one.split("/") for one in filled.split()]
            doc = Doc(
                nlp.vocab,
                words=[row[0] for row in rows],
                spaces=[row[1] != "PUNCT" for row in rows[1:]] + [False],
                tags=[row[1] for row in rows],
                pos=[row[1] for row in rows],
                deps=[row[2] for row in rows],
                heads=[int(row[3]) - 1 for row in rows],
            )
            at = doc.text.index(place)
            doc.ents = [doc.char_span(at, at + len(place), label="GPE")]
            made.append(Example(nlp.make_doc(doc.text), doc))
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tagger, a parser, names and a lemmatizer that nobody needs."""
    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en", meta={"name": "tiny_parsed", "version": "1.2.3"})
    for name in ("morphologizer", "parser", "ner"):
        every_label = {"min_action_freq": 1} if name == "parser" else {}
        nlp.add_pipe(name, config={"model": {"tok2vec": TOK2VEC}, **every_label})
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.005
    for _ in range(16):
        nlp.update(data, sgd=optimizer)
    nlp.add_pipe("sentencizer", first=True)
    folder = tmp_path_factory.mktemp("base") / "tiny"
    nlp.to_disk(folder)
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Study:
    root = tmp_path / "study"
    shutil.copytree(REPOSITORY / "schemas" / "source-criticism", root / "schemas" / "source-criticism")
    (root / "annotate.toml").write_text(CONFIG, "utf-8")
    passages, documents = [], []
    for number, (language, text) in enumerate(PASSAGES):
        key = f"{number:012x}"
        ids = (f"doc-{key}", f"src-{key}", f"{key}.txt")
        passages.append(Passage(f"psg-{key}", *ids, 1, 1, text, (Piece("verbatim", 0, len(text)),)))
        documents.append(Document(*ids, 0, len(text), *(None,) * 8, language, 1.0))
    write_built(Study(root), Built((), (), tuple(documents), tuple(passages)))
    return Study(root)


def cues(study: Study, label: str = "CUE") -> dict[str, list[str]]:
    """The words of one label by the version of the agent that suggested them."""
    found: dict[str, list[str]] = {}
    for run in read_runs(study):
        mine = found.setdefault(run.agent_version, [])
        mine += [one.quote for one in run.suggestions if one.label == label]
    return {version: quotes for version, quotes in found.items() if quotes}


def command(study: Study, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.chdir(study.root)
    result = CliRunner().invoke(app, ["suggest", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_puts_a_trained_pipeline_under_our_components(
    study: Study, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(study, monkeypatch)[0] == 0
    code, out, err = command(study, monkeypatch, "--base", f"en={trained}", "--json")
    assert code == 0
    assert [run["agent_version"] for run in json.loads(out)["runs"]] == [
        TINY,
        PLAIN,
    ]
    # "The claims that the office rejected": by the parse no claim that anything is so.
    assert sorted(cues(study)[PLAIN]) == ["claims", "said"]
    assert cues(study)[TINY] == ["said"]
    (run,) = [one for one in read_runs(study) if "tiny" in one.agent_version]
    told = json.loads(run.config)["base"]
    assert (told["name"], told["version"], len(told["files_sha256"])) == ("en_tiny_parsed", "1.2.3", 64)
    assert str(trained.parent) not in run.config
    # Looked at once; without the pipeline it was looked at before.
    assert "already there" in command(study, monkeypatch, "--base", f"en={trained}")[1]
    assert "attribution looks for date lines" in err


def test_annotate_toml_names_it_too_and_an_option_takes_it_back(study: Study, trained: Path) -> None:
    shutil.copytree(trained, study.root / "models" / "tiny")
    named = CONFIG + '[passes.spans.pipelines]\nen = "models/tiny"\n'
    (study.root / "annotate.toml").write_text(named, "utf-8")
    again = Study(study.root)
    tasks = plan(again).tasks
    assert [task.pipeline.agent_version for task in tasks] == [TINY, PLAIN]
    assert [task.pipeline.agent_version for task in plan(again, bases={"en": ""}).tasks] == [PLAIN, PLAIN]
    assert ("models/tiny", "trained pipeline") in [(one.name, one.kind) for one in suggesters(again)]
    # Another file in the folder is another pipeline.
    (study.root / "models" / "tiny" / "README.md").write_text("retrained", "utf-8")
    assert plan(again).tasks[0].pipeline.config_sha256 != tasks[0].pipeline.config_sha256


def test_what_nothing_reads_is_left_out(trained: Path) -> None:
    base = find_base(str(trained), "en")
    assert (base.parts, base.left_out) == (("morphologizer", "parser", "ner"), ("sentencizer",))
    made = load_pipeline("relations", "en", base=str(trained)).nlp
    assert made.pipe_names == ["morphologizer", "parser", "ner", "relations"]
    assert reads_annotations("source_criticism")
    assert load_pipeline("stated_dates", "en", base=str(trained)).nlp.pipe_names == ["stated_dates"]


def only_a_sentencizer(folder: Path) -> str:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(folder / "cut")
    return str(folder / "cut")


def test_a_base_that_cannot_be_one_says_what_to_do(study: Study, trained: Path, tmp_path: Path) -> None:
    for bases, message in (
        ({"en": "en_nowhere_sm"}, "no trained pipeline 'en_nowhere_sm'"),
        ({"fr": str(trained)}, "is for 'en', not for 'fr'"),
        ({"en": str(tmp_path)}, "is no spaCy pipeline"),
        ({"en": only_a_sentencizer(tmp_path)}, "nothing in it to read"),
    ):
        with pytest.raises(ConfigError, match=message) as caught:
            plan(study, bases=bases)
        assert caught.value.hint


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('english = "en_core_web_sm"', "two or three letters"),
        ('en = " "', "names no pipeline"),
        ("en = 1", "str"),
    ],
)
def test_settings_that_mean_nothing(study: Study, line: str, message: str) -> None:
    (study.root / "annotate.toml").write_text(f"{CONFIG}[passes.spans.pipelines]\n{line}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        plan(Study(study.root))
    assert message in f"{caught.value} {caught.value.problems}"


def test_an_option_that_is_no_pair(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study.root)
    result = CliRunner().invoke(app, ["suggest", "--base", "en_core_web_sm"])
    assert isinstance(result.exception, UsageError)


def test_our_components_in_a_pipeline_of_ones_own(study: Study, trained: Path, tmp_path: Path) -> None:
    nlp = spacy.load(trained)
    nlp.add_pipe("attribution")
    nlp.to_disk(tmp_path / "own")
    suggest(study, [str(tmp_path / "own")])
    assert cues(study) == {"1.2.3": ["said"]}
    assert {one.label for run in read_runs(study) for one in run.suggestions} == {"ACTOR", "CUE"}, (
        "no entities"
    )


def test_a_pipeline_with_names_suggests_them(study: Study, trained: Path) -> None:
    report = suggest(study, [str(trained)])
    assert report.runs[0].unknown_labels == {"GPE": 2}
    suggest(study, [str(trained)], {"GPE": "ACTOR"})
    assert cues(study, "ACTOR") == {"1.2.3": ["Velm", "Velm"]}


def test_every_language_is_told_what_it_gets(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = command(
        study, monkeypatch, "--with", "claims", "--with", "rhetoric", "--with", "formulas", "--json"
    )
    assert code == 0
    told = " ".join(err.split())
    assert "1 document in 'ko' (1 passage): not looked at by claims (de, en only)" in told
    assert "rhetoric looks for watchwords" in told
    assert "formulas looked at them" in told
    assert {one["language"] for one in json.loads(out)["unserved"]} == {"ko"}
    found = [(one.label, one.quote) for run in read_runs(study) for one in run.suggestions]
    assert ("SLOGAN", "“다리 만세!”") in found
