"""What our components make of annotations that a trained pipeline leaves: Docs annotated by hand.

A sentence is written as ``word/POS/relation/head/morphology`` a token; the head is the token's number from 1.
English has ClearNLP's labels, German TIGER's, French those of Universal Dependencies.
"""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span

from annotate.core.prose.grammar import agent, owner, phrase, phrase_from, subject
from annotate.core.prose.syntax import Entity, Syntax, Token
from annotate.nlp.marks import Mark, put
from annotate.nlp.pipelines import load_pipeline
from annotate.nlp.relations import make_relations
from annotate.nlp.syntax import syntax_of

FIN, PART = "VerbForm=Fin", "VerbForm=Part"
SUB = "Mood=Sub|Tense=Pres|VerbForm=Fin"


VOCAB = spacy.blank("xx").vocab


def annotated(written: str, entities: dict[str, str] | None = None) -> Doc:
    """A Doc from a written sentence; ``entities``: words to label."""
    rows = [[*row.split("/"), "", "", "", ""][:5] for row in written.split()]
    words = [row[0] for row in rows]
    spaces = [row[1] != "PUNCT" for row in rows[1:]] + [False]
    doc = Doc(
        VOCAB,
        words=words,
        spaces=spaces,
        pos=[row[1] for row in rows],
        deps=[row[2] for row in rows],
        heads=[int(row[3]) - 1 for row in rows],
        morphs=[row[4] for row in rows],
    )
    found = []
    for text, label in (entities or {}).items():
        start = doc.text.index(text)
        found.append(doc.char_span(start, start + len(text), label=label))
    if entities is not None:
        doc.set_ents(found, default="outside")
    return doc


def said(language: str, doc: Doc) -> list[tuple[str | None, ...]]:
    """(source, cue, content) of every act of saying."""
    made = load_pipeline("attribution", language).nlp.get_pipe("attribution")
    text = made(doc).text
    return [
        tuple(None if place is None else text[place[0] : place[1]] for place in one)
        for one in doc.user_data["attribution"]
    ]


def claimed(language: str, doc: Doc) -> list[str]:
    """The claims and pledges of a Doc that attribution has read."""
    made = load_pipeline("claims", language).nlp.get_pipe("claims")
    return [one.doc.text[slice(*one._.exact)] for one in made(doc).spans["claims"]]


def bare(doc: Doc) -> Doc:
    """The same text without annotations."""
    return Doc(doc.vocab, words=[one.text for one in doc], spaces=[bool(one.whitespace_) for one in doc])


HEAD_OF_OFFICE = (
    f"The/DET/det/2 head/NOUN/nsubj/12 of/ADP/prep/2 the/DET/det/6 port/NOUN/compound/6 "
    f"Velm/PROPN/pobj/3 in/ADP/prep/6 the/DET/det/10 northern/ADJ/amod/10 town/NOUN/pobj/7 "
    f"yesterday/NOUN/npadvmod/12 said/VERB/ROOT/12/{FIN} that/SCONJ/mark/16 the/DET/det/15 "
    f"ferry/NOUN/nsubj/16 sank/VERB/ccomp/12/{FIN} ./PUNCT/punct/12"
)
GAINS = {
    "the whole noun phrase": (
        "en",
        HEAD_OF_OFFICE,
        [("The head of the port Velm in the northern town", "said", "the ferry sank")],
    ),
    "the subject of verbs that go together": (
        "de",
        f"Vesk/PROPN/sb/2 öffnete/VERB/ROOT/2/{FIN} die/DET/nk/4 Sitzung/NOUN/oa/2 ,/PUNCT/punct/2 "
        f"lobte/VERB/cj/2/{FIN} die/DET/nk/8 Mannschaft/NOUN/oa/6 und/CCONJ/cd/6 sagte/VERB/cj/9/{FIN} "
        f",/PUNCT/punct/10 dass/SCONJ/cp/15 die/DET/nk/14 Mole/NOUN/sb/15 hielt/VERB/oc/10/{FIN} "
        "./PUNCT/punct/2",
        [("Vesk", "lobte", "die Mannschaft"), ("Vesk", "sagte", "die Mole hielt")],
    ),
    "a German subject between auxiliary and participle": (
        "de",
        f"Gestern/ADV/mo/2 hat/AUX/ROOT/2/{FIN} der/DET/nk/4 Kapitän/NOUN/sb/2 mit/ADP/mnr/4 den/DET/nk/8 "
        f"meisten/DET/nk/8 Fahrten/NOUN/nk/5 gesagt/VERB/oc/2/{PART} ,/PUNCT/punct/9 dass/SCONJ/cp/14 "
        f"die/DET/nk/13 Mole/NOUN/sb/14 hielt/VERB/oc/9/{FIN} ./PUNCT/punct/2",
        [("der Kapitän mit den meisten Fahrten", "gesagt", "die Mole hielt")],
    ),
    "by whom a passive is done": (
        "en",
        f"It/PRON/nsubjpass/3 was/AUX/auxpass/3/{FIN} claimed/VERB/ROOT/3/{PART} yesterday/NOUN/npadvmod/3 "
        f"by/ADP/agent/3 the/DET/det/7 ministry/NOUN/pobj/5 that/SCONJ/mark/11 the/DET/det/10 "
        f"dam/NOUN/nsubj/11 "
        f"broke/VERB/ccomp/3/{FIN} ./PUNCT/punct/3",
        [("the ministry", "claimed", "the dam broke")],
    ),
    "by whom a German passive is done": (
        "de",
        f"Im/ADP/mo/3 Mai/PROPN/nk/1 wurde/AUX/ROOT/3/{FIN} vom/ADP/sbp/6 Ministerium/NOUN/nk/4 "
        f"behauptet/VERB/oc/3/{PART} ,/PUNCT/punct/6 dass/SCONJ/cp/11 die/DET/nk/10 Brücke/NOUN/sb/11 "
        f"hielt/VERB/oc/6/{FIN} ./PUNCT/punct/3",
        [("Ministerium", "behauptet", "die Brücke hielt")],
    ),
    "a participle that says what a noun is like": (
        "en",
        f"The/DET/det/2 ships/NOUN/nsubj/6 reported/VERB/acl/2/{PART} that/DET/det/5 day/NOUN/npadvmod/3 "
        f"sank/VERB/ROOT/6/{FIN} near/ADP/prep/6 the/DET/det/9 coast/NOUN/pobj/7 ./PUNCT/punct/6",
        [],
    ),
    "a noun that looks like a verb": (
        "en",
        f"The/DET/det/2 court/NOUN/compound/3 claims/NOUN/nsubj/8 in/ADP/prep/3 the/DET/det/6 "
        f"city/NOUN/pobj/4 that/DET/det/8 collapsed/VERB/ROOT/8/{FIN} had/AUX/aux/10/{FIN} "
        f"surprised/VERB/conj/8/{PART} nobody/PRON/dobj/10 ./PUNCT/punct/8",
        [],
    ),
    "a clause that describes a noun, and one that is its content": (
        "en",
        f"The/DET/det/2 claims/NOUN/nsubj/7 that/PRON/dobj/6 the/DET/det/5 court/NOUN/nsubj/6 "
        f"rejected/VERB/relcl/2/{FIN} filled/VERB/ROOT/7/{FIN} four/NUM/nummod/9 books/NOUN/dobj/7 "
        "./PUNCT/punct/7",
        [],
    ),
    "where the content of a noun ends, and whose it is": (
        "en",
        f"The/DET/det/2 report/NOUN/nsubj/10 that/SCONJ/mark/6 the/DET/det/5 guards/NOUN/nsubj/6 "
        f"fled/VERB/acl/2/{FIN} in/ADP/prep/6 May/PROPN/pobj/7 was/AUX/auxpass/10/{FIN} "
        f"burned/VERB/ROOT/10/{PART} ./PUNCT/punct/10",
        [(None, "report", "the guards fled in May")],
    ),
    "what the speaker does next is no content": (
        "en",
        f"The/DET/det/2 ministry/NOUN/nsubj/3 said/VERB/ROOT/3/{FIN} it/PRON/nsubj/6 "
        f"had/AUX/aux/6/{FIN} paid/VERB/ccomp/3/{PART} the/DET/det/8 crews/NOUN/dobj/6 ,/PUNCT/punct/3 "
        f"and/CCONJ/cc/3 shuts/VERB/conj/3/{FIN} its/PRON/poss/13 office/NOUN/dobj/11 ./PUNCT/punct/3",
        [("The ministry", "said", "it had paid the crews")],
    ),
    "a clause without that": (
        "en",
        f"The/DET/det/2 union/NOUN/nsubj/9 ,/PUNCT/punct/2 with/ADP/prep/2 members/NOUN/pobj/4 "
        f"everywhere/ADV/advmod/5 ,/PUNCT/punct/9 now/ADV/advmod/9 says/VERB/ROOT/9/{FIN} "
        f"boats/NOUN/nsubj/11 sank/VERB/ccomp/9/{FIN} ./PUNCT/punct/9",
        [("The union", "says", "boats sank")],
    ),
    "Konjunktiv I that no list has": (
        "de",
        f"Die/DET/nk/2 Reederei/NOUN/sb/3 klagte/VERB/ROOT/3/{FIN} ,/PUNCT/punct/3 die/DET/nk/6 "
        f"Fähre/NOUN/sb/7 transportiere/VERB/oc/3/{SUB} Salz/NOUN/oa/7 ./PUNCT/punct/3",
        [("Die Reederei", "klagte", "die Fähre transportiere Salz")],
    ),
    "an adjective that looks like Konjunktiv I": (
        "de",
        f"In/ADP/mo/4 der/DET/nk/3 Lage/NOUN/nk/1 kauften/VERB/ROOT/4/Mood=Ind|{FIN} reiche/ADJ/nk/6 "
        "Leute/NOUN/sb/4 den/DET/nk/8 Hafen/NOUN/oa/4 ./PUNCT/punct/4",
        [],
    ),
}


@pytest.mark.parametrize("gain", GAINS)
def test_annotations_say_who_says_what(gain: str) -> None:
    language, written, expected = GAINS[gain]
    assert said(language, annotated(written)) == expected


def test_they_make_it_better() -> None:
    """Rules without annotations get some of these right too, and more with each of their own gains."""
    better = [
        gain
        for gain, (language, written, expected) in GAINS.items()
        if said(language, bare(annotated(written))) != expected
    ]
    assert len(better) >= 4


CLAUSES = {
    "verbs that the lexicon does not have": (
        "de",
        f"Die/DET/nk/2 Fähre/NOUN/sb/3 sank/VERB/ROOT/3/{FIN} 1911/NUM/mo/3 vor/ADP/mo/3 Ostmark/PROPN/nk/5 "
        f"und/CCONJ/cd/3 die/DET/nk/9 Mole/NOUN/sb/10 brach/VERB/cj/7/{FIN} im/ADP/mo/10 Mai/PROPN/nk/11 "
        "1912/NUM/nk/12 ./PUNCT/punct/3",
        ["Die Fähre sank 1911 vor Ostmark und die Mole brach im Mai 1912"],
        ["Die Fähre sank 1911 vor Ostmark", "die Mole brach im Mai 1912"],
    ),
    "a comma and no conjunction": (
        "en",
        f"The/DET/det/2 dam/NOUN/nsubj/3 broke/VERB/ROOT/3/{FIN} on/ADP/prep/3 3/NUM/pobj/4 May/PROPN/nmod/5 "
        f"1911/NUM/nummod/6 ,/PUNCT/punct/3 forty/NUM/nummod/10 houses/NOUN/nsubj/11 sank/VERB/conj/3/{FIN} "
        "in/ADP/prep/11 one/NUM/nummod/14 night/NOUN/pobj/12 ./PUNCT/punct/3",
        ["The dam broke on 3 May 1911, forty houses sank in one night"],
        ["The dam broke on 3 May 1911", "forty houses sank in one night"],
    ),
}


@pytest.mark.parametrize("gain", CLAUSES)
def test_clauses_are_cut_where_the_parse_joins_them(gain: str) -> None:
    language, written, without, with_them = CLAUSES[gain]
    doc = annotated(written)
    assert claimed(language, bare(doc)) == without
    assert claimed(language, doc) == with_them


def aimed(text: str, doc: Doc, words: str, label: str) -> tuple[list[str], list[list[object]]]:
    """ACTORs that relations adds for one labelled stretch, and the relations."""
    start = text.index(words)
    put(doc, "rhetoric", [Mark(start, start + len(words), label, 0.8, "")])
    make_relations(spacy.blank("en"), "relations", "relations", "en")(doc)
    actors = [doc.text[slice(*one._.exact)] for one in doc.spans["relations"]]
    return actors, [[one[0], *one[1:3]] for one in doc.user_data["relations"]]


def test_who_is_blamed_is_named_in_the_same_noun_phrase() -> None:
    written = (
        f"The/DET/det/3 puppet/NOUN/compound/3 regime/NOUN/nsubj/6 of/ADP/prep/3 Norland/PROPN/pobj/4 "
        f"fell/VERB/ROOT/6/{FIN} ./PUNCT/punct/6"
    )
    doc = annotated(written, {"Norland": "GPE"})
    assert aimed(doc.text, bare(doc), "puppet regime", "ENEMY") == ([], [])
    actors, links = aimed(doc.text, doc, "puppet regime", "ENEMY")
    assert actors == ["Norland"]
    assert links == [["targets", ["ENEMY", 4, 17], ["ACTOR", 21, 28]]]


def test_a_name_behind_praise_is_as_long_as_the_pipeline_says() -> None:
    written = (
        f"The/DET/det/4 invincible/ADJ/amod/4 Harbour/PROPN/compound/4 Union/PROPN/nsubj/7 of/ADP/prep/4 "
        f"Velm/PROPN/pobj/5 won/VERB/ROOT/7/{FIN} ./PUNCT/punct/7"
    )
    doc = annotated(written, {"Harbour Union of Velm": "ORG"})
    assert aimed(doc.text, bare(doc), "invincible", "GLORIFY")[0] == ["Harbour Union"]
    assert aimed(doc.text, doc, "invincible", "GLORIFY")[0] == ["Harbour Union of Velm"]
    day = annotated(written, {"Harbour Union of Velm": "EVENT"})
    assert aimed(day.text, day, "invincible", "GLORIFY")[0] == []


def test_names_alone_lengthen_a_source() -> None:
    """A pipeline with names and no parse."""
    doc = annotated(HEAD_OF_OFFICE)
    plain = bare(doc)
    plain.set_ents([Span(plain, 1, 10, label="ORG")], default="outside")
    assert syntax_of(plain) is not None
    assert said("en", plain)[0][0] == "The head of the port Velm in the northern town"


def test_universal_dependencies_read_the_same() -> None:
    doc = annotated(
        f"Le/DET/det/2 chef/NOUN/nsubj/6 du/ADP/case/4 port/NOUN/nmod/2 a/AUX/aux:tense/6/{FIN} "
        f"dit/VERB/ROOT/6/{PART} que/SCONJ/mark/10 le/DET/det/9 pont/NOUN/nsubj:pass/10 "
        f"fermé/VERB/ccomp/6/{PART} par/ADP/case/12 Vesk/PROPN/obl:agent/10 ./PUNCT/punct/6",
    )
    syntax = syntax_of(doc)
    assert syntax is not None
    head = subject(syntax, 5)
    assert head == 1
    assert doc.text[slice(*phrase(syntax, head))] == "Le chef du port"
    assert owner(syntax, 1) == 3
    assert agent(syntax, 9) == 11
    assert doc.text[slice(*phrase(syntax, 11))] == "Vesk", "without its preposition"
    assert doc.text[slice(*phrase_from(syntax, 0))] == "Le chef du port"


def test_without_annotations_there_is_no_syntax() -> None:
    assert syntax_of(spacy.blank("de")("Vesk sagte nichts.")) is None


def test_a_deep_chain_is_read_in_linear_time() -> None:
    many = 5_000
    tokens = [Token(2 * n, 2 * n + 1, max(0, n - 1), "other", "noun") for n in range(many)]
    syntax = Syntax.of(tokens, [Entity(0, 1, "person")])
    assert syntax.edges[0] == (0, many - 1)
    assert phrase(syntax, 0) == (0, 59)
    assert subject(syntax, many - 1) is None
