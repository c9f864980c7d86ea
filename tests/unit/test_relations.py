"""Suggested relations: by place, between suggestions of one run, stored beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_suggest import CONFIG, REPOSITORY, build

from annotate.core.errors import BadInput, ConfigError
from annotate.core.linking import Found, Spot, find_links, named_after
from annotate.flows.suggest import own_lexicons, plan, suggest
from annotate.nlp.pipelines import load_pipeline
from annotate.store.scheme import read_scheme
from annotate.store.study import Study
from annotate.store.suggested_relations import read_relations, write_relations
from annotate.store.suggestions import read_runs

TEXTS = [
    (
        "en",
        "2024-06-18",
        "The letter said that the bridge was opened on June 5, 2023. "
        "The ferry sank here on April 3, 2021, the harbour ministry said.",
    ),
    ("de", "2018-09-17", "Der Minister erklärte, die Fähre sei am 3. April 1970 gesunken."),
]


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    shutil.copytree(REPOSITORY / "schemas" / "source-criticism", root / "schemas" / "source-criticism")
    (root / "annotate.toml").write_text(CONFIG, encoding="utf-8")
    study = Study(root)
    build(study, TEXTS)
    return study


def drawn(study):
    """Each relation in words: name, from, to."""
    found = set()
    for run in read_runs(study):
        quotes = {one.suggestion_id: (one.label, one.quote) for one in run.suggestions}
        for one in read_relations(study, run):
            found.add((one.relation, *quotes[one.from_id], *quotes[one.to_id]))
    return found


def test_one_pipeline_gives_claims_their_speakers_and_dates(study):
    report = suggest(study, ["source_criticism"])
    assert [run.relations for run in report.runs] == [2, 4]
    assert drawn(study) == {
        ("stated_by", "CLAIM", "the bridge was opened on June 5, 2023", "ACTOR", "The letter"),
        ("dates", "DATE", "June 5, 2023", "CLAIM", "the bridge was opened on June 5, 2023"),
        (
            "stated_by",
            "CLAIM",
            "The ferry sank here on April 3, 2021",
            "ACTOR",
            "the harbour ministry",
        ),
        ("dates", "DATE", "April 3, 2021", "CLAIM", "The ferry sank here on April 3, 2021"),
        ("stated_by", "CLAIM", "die Fähre sei am 3. April 1970 gesunken", "ACTOR", "Der Minister"),
        ("dates", "DATE", "3. April 1970", "CLAIM", "die Fähre sei am 3. April 1970 gesunken"),
    }


def test_a_second_run_changes_nothing_and_the_same_study_gives_the_same_bytes(study):
    suggest(study, ["source_criticism"])
    before = {path.name: path.read_bytes() for path in study.suggestions_dir.rglob("*.jsonl")}
    assert [run.run_id for run in suggest(study, ["source_criticism"]).runs] == [None, None]
    shutil.rmtree(study.suggestions_dir)
    suggest(study, ["source_criticism"])
    assert {path.name: path.read_bytes() for path in study.suggestions_dir.rglob("*.jsonl")} == before


def test_relations_that_the_scheme_does_not_allow_are_left_out(study):
    scheme = study.scheme_dir / "scheme.toml"
    text = scheme.read_text(encoding="utf-8")
    assert 'from = ["DATE"]' in text
    scheme.write_text(text.replace('from = ["DATE"]', 'from = ["PUB"]'), encoding="utf-8")
    suggest(study, ["source_criticism"])
    assert {relation for relation, *_ in drawn(study)} == {"stated_by"}


def test_a_damaged_file_of_relations_is_refused_line_by_line(study):
    suggest(study, ["source_criticism"])
    run = next(one for one in read_runs(study) if len(read_relations(study, one)) == 2)
    path = study.suggestions_dir / "relations" / f"{run.run_id}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    other = lines[1].replace(run.suggestions[0].suggestion_id.encode(), b"sug-000000000000")
    path.write_bytes(lines[0] + other + b"{}\n")
    with pytest.raises(BadInput) as caught:
        read_relations(study, run)
    assert [problem.line for problem in caught.value.problems][:1] == [1]
    assert any(problem.line == 3 for problem in caught.value.problems)
    write_relations(study, "run-000000000000", [])
    assert not (study.suggestions_dir / "relations" / "run-000000000000.jsonl").exists()


# --- rules ----------------------------------------------------------------------------------------


def spot(text, words, label, score=0.8):
    start = text.index(words)
    return Spot(start, start + len(words), label, score)


def links(spots, sayings=(), sentences=((0, 1000),)):
    return {(one.relation, one.tail, one.head) for one in find_links(spots, sayings, sentences)}


def test_the_innermost_speaker_is_linked():
    text = "Velpa reported that Vesk had said that the bridge was open."
    claim, velpa, vesk = (
        spot(text, "the bridge was open", "CLAIM"),
        *(spot(text, name, "ACTOR") for name in ("Velpa", "Vesk")),
    )
    inner = Found((vesk.start, vesk.end), (claim.start, claim.end))
    outer = Found((velpa.start, velpa.end), (vesk.start, claim.end))
    assert links([claim, velpa, vesk], [outer, inner]) == {("stated_by", claim, vesk)}
    unnamed = Found(None, (claim.start, claim.end))
    assert links([claim, velpa, vesk], [outer, unnamed]) == set()


def test_a_date_belongs_to_its_claim_or_to_the_nearest_of_its_sentence():
    text = "In 1990 the quay was built, and the mole fell. In 1991 nothing was said."
    quay, mole = spot(text, "the quay was built", "CLAIM"), spot(text, "the mole fell", "CLAIM")
    first, second = spot(text, "1990", "DATE"), spot(text, "1991", "DATE")
    sentences = ((0, text.index(" In 1991")), (text.index("In 1991"), len(text)))
    assert links([quay, mole, first, second], (), sentences) == {("dates", first, quay)}


def test_a_date_in_a_dateline_dates_no_claim():
    text = "Harnstad, May 3, 2020 (VELPA) -- The bridge fell."
    found = [spot(text, "Harnstad, May 3, 2020 (VELPA)", "PUB"), spot(text, "May 3, 2020", "DATE")]
    assert links([*found, spot(text, "The bridge fell", "CLAIM")]) == set()


def test_praise_is_aimed_at_the_name_behind_it_and_not_at_the_speaker():
    text = "Vesk spoke of the wise Admiral Orm Talle and of wise ferries."
    praise, again = (
        spot(text, "wise", "GLORIFY"),
        Spot(*(text.rindex("wise") + n for n in (0, 4)), "GLORIFY", 0.8),
    )
    speaker = spot(text, "Vesk", "ACTOR")
    named = named_after(text, [praise, again, speaker])
    assert [text[one.start : one.end] for one in named] == ["Admiral Orm Talle"]
    assert links([praise, again, speaker, *named]) == {("targets", praise, named[0])}


# --- lexicons of a study --------------------------------------------------------------------------


def lexicon(study):
    return study.scheme_dir / "lexicons" / "en" / "attribution.ours.toml"


def test_a_study_adds_words_of_its_own(study):
    build(study, [("en", None, "The captain bellowed that the ferry was late.")])
    assert own_lexicons(study) == study.scheme_dir / "lexicons"
    suggest(study, ["attribution"])
    shipped = load_pipeline("attribution", "en")
    same = load_pipeline("attribution", "en", lexicons=own_lexicons(study))
    assert (same.config_sha256, same.config) == (shipped.config_sha256, shipped.config)
    lexicon(study).write_text(
        '[[entries]]\nlabel = "CUE"\nwhere = "that"\npatterns = ["bellowed"]\nreason = "."\nsource = "us"\n',
        encoding="utf-8",
    )
    report = suggest(study, ["attribution"])
    assert [(run.passages, run.suggestions) for run in report.runs] == [(1, 2)]
    assert {run.config_sha256 == shipped.config_sha256 for run in read_runs(study)} == {True, False}
    assert str(study.root) not in "".join(run.config for run in read_runs(study))


def test_faults_of_a_study_lexicon_stop_the_plan(study):
    lexicon(study).write_text('[[entries]]\nlabel = "CUE"\npatterns = ["bellowed"]\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        plan(study, ["attribution"])
    assert [Path(problem.file).name for problem in caught.value.problems] == ["attribution.ours.toml"]


def test_a_study_without_lexicons_uses_those_that_ship(study):
    sha256 = read_scheme(study.scheme_dir).sha256
    shutil.rmtree(study.scheme_dir / "lexicons")
    assert read_scheme(study.scheme_dir).sha256 == sha256  # annotators see the same scheme
    assert own_lexicons(study) is None
    assert [run.relations for run in suggest(study, ["source_criticism"]).runs] == [2, 4]
