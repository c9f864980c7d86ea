"""Source, cue and content: one invented sentence a phenomenon, English and German side by side."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from annotate.core.attribution import Cues, find_attributions, find_issued
from annotate.core.phrases import parse_entries
from annotate.nlp.lexicons import read_lexicon


@lru_cache(maxsize=2)
def cues(language):
    read = read_lexicon(language, ("attribution",))
    return Cues.of(language, read.lexicon.entries, read.settings["attribution"])


def said(text, language):
    """(source, cue, content, kind) of each attribution, in words."""

    def words(place):
        return None if place is None else text[place.start : place.end]

    found = find_attributions(text, cues(language))
    return [(words(one.source), words(one.cue), words(one.content), one.kind) for one in found]


def one(source, cue, content, kind="indirect"):
    return [(source, cue, content, kind)]


ENGLISH = {
    "that": (
        "The harbour ministry said on Monday in a statement that the ferry had sunk.",
        one("The harbour ministry", "said", "the ferry had sunk"),
    ),
    "auxiliary": (
        "Officials have repeatedly denied that the bridge fell.",
        one("Officials", "denied", "the bridge fell"),
    ),
    "bare clause": (
        "The captain claimed the crew was drunk.",
        one("The captain", "claimed", "the crew was drunk"),
    ),
    "an object is no clause": ("The captain claims damages.", []),
    "nouns that look like verbs": ("The state of affairs counts. The report reports of floods.", []),
    "speaker after": (
        '"The ferry has sunk," said the minister of transport on Tuesday.',
        one("the minister of transport", "said", "The ferry has sunk,", "direct"),
    ),
    "speaker in the middle of a quotation": (
        "“The ferry,” Harbour Minister Ilmar Vesk said, “has sunk.”",
        one(
            "Harbour Minister Ilmar Vesk",
            "said",
            "The ferry,” Harbour Minister Ilmar Vesk said, “has sunk.",
            "direct",
        ),
    ),
    "quotation over sentences, taken up after the cue": (
        '"The ferry has sunk. Nobody was hurt," he added. "We will raise it."',
        [
            ("he", "added", "The ferry has sunk. Nobody was hurt,", "direct"),
            ("he", None, "We will raise it.", "direct"),
        ],
    ),
    "title with a stop, colon": (
        'Mr. Vesk told reporters: "The quay is safe."',
        one("Mr. Vesk", "told", "The quay is safe.", "direct"),
    ),
    "exclamation": (
        '"Long live the harbour!" the crowd shouted.',
        one("the crowd", "shouted", "Long live the harbour!", "direct"),
    ),
    "according to, before": (
        "According to the coast guard, the ferry sank at noon.",
        one("the coast guard", "According to", "the ferry sank at noon"),
    ),
    "according to, after": (
        "The ferry sank at noon, according to Velpa.",
        one("Velpa", "according to", "The ferry sank at noon"),
    ),
    "wedged in": (
        "The ferry, the ministry said, sank at noon.",
        one("the ministry", "said", "The ferry, the ministry said, sank at noon"),
    ),
    "around, and going on": (
        "The quay was safe, the letter said, adding that the mole was not.",
        [
            ("the letter", "said", "The quay was safe", "indirect"),
            ("the letter", "adding", "the mole was not", "indirect"),
        ],
    ),
    "apposition": (
        "Vesk, the minister of transport, said that the quay was safe.",
        one("Vesk", "said", "the quay was safe"),
    ),
    "a document speaks": (
        "The report, published on Friday, warned that the bridge could fall.",
        one("The report", "warned", "the bridge could fall"),
    ),
    "noun of saying": (
        "Vesk's claim that the bridge was safe, surprised nobody.",
        one("Vesk", "claim", "the bridge was safe"),
    ),
    "quoted as saying": (
        'The spokesman quoted the minister as saying that "the tide is late".',
        one("the minister", "saying", "the tide is late"),
    ),
    "nested": (
        "The Sorunian News Agency reported that Vesk had said that the bridge was open.",
        [
            ("The Sorunian News Agency", "reported", "Vesk had said that the bridge was open", "indirect"),
            ("Vesk", "said", "the bridge was open", "indirect"),
        ],
    ),
    "speech acts, one subject": (
        "The captain praised the crew and thanked the harbour.",
        [
            ("The captain", "praised", "the crew", "reported"),
            ("The captain", "thanked", "the harbour", "reported"),
        ],
    ),
    "two speakers": (
        "The prime minister of Sorunia and his deputy said that they would come.",
        one("The prime minister of Sorunia and his deputy", "said", "they would come"),
    ),
    "second verb": (
        "The president met the envoy and stressed that peace was near.",
        one("The president", "stressed", "peace was near"),
    ),
    "relative clause": (
        "The captain, who said that he was tired, went home.",
        one("The captain", "said", "he was tired"),
    ),
    "nobody in particular": (
        "It was said that the bridge would fall.",
        one(None, "said", "the bridge would fall"),
    ),
    "opening phrase": (
        "In a letter to the king, the council wrote that the dam had broken.",
        one("the council", "wrote", "the dam had broken"),
    ),
    "infinitive after an opening phrase": (
        "In his New Year address, President Vesk vowed to build ten ships.",
        one("President Vesk", "vowed", "to build ten ships"),
    ),
    "words quoted inside a clause": (
        "The admiral said the fleet “will never yield” to anyone.",
        one("The admiral", "said", "the fleet “will never yield” to anyone"),
    ),
    "passive, by somebody": (
        "He was quoted by Velpa as saying that the strait was safe.",
        one("He", "quoted by Velpa as saying", "the strait was safe"),
    ),
    "plural": (
        "Critics warn that the bridge is weak.",
        one("Critics", "warn", "the bridge is weak"),
    ),
    "first person": ("I believe that the quay is safe.", []),
    "slogan": (
        "The strikers stood at the gate under the slogan of “No ship without bread!” and sang.",
        one("The strikers", "slogan", "No ship without bread!", "direct"),
    ),
    "belief in a phrase": (
        "The letter expressed belief that the mole would hold.",
        one("The letter", "expressed belief", "the mole would hold"),
    ),
}

GERMAN = {
    "a pronoun before zufolge": (
        "Ihr zufolge kostete der Bau neun Millionen.",
        one("Ihr", "zufolge", "kostete der Bau neun Millionen"),
    ),
    "after something written": (
        "Nach einem Bericht der Werft sank die Fähre.",
        one("einem Bericht der Werft", "Nach", "sank die Fähre"),
    ),
    "after something else": ("Nach einem Sturm sank die Fähre.", []),
    "a wish": ("Es lebe die Fähre!", []),
    "as if": ("Die Fähre lag da, als sei nichts geschehen.", []),
    "a stand that lies in something": (
        "Der Standpunkt der Regierung besteht darin, die Brücke zu schließen.",
        one("Regierung", "Standpunkt", "die Brücke zu schließen"),
    ),
    "two-part verb": (
        "Das Hafenministerium teilte am Montag mit, dass die Fähre gesunken sei.",
        one("Das Hafenministerium", "teilte", "die Fähre gesunken sei"),
    ),
    "two-part verb, speaker after": (
        "Die Fähre sank am Mittag, teilte die Küstenwache mit.",
        one("die Küstenwache", "teilte", "Die Fähre sank am Mittag"),
    ),
    "hervorheben": (
        "Der Kapitän hob hervor, dass niemand verletzt wurde.",
        one("Der Kapitän", "hob", "niemand verletzt wurde"),
    ),
    "the same verb without its part": ("Der Kapitän hob die Kiste, dass es krachte.", []),
    "speaker after": (
        "„Die Fähre ist gesunken“, sagte der Verkehrsminister am Dienstag.",
        one("der Verkehrsminister", "sagte", "Die Fähre ist gesunken", "direct"),
    ),
    "so, in the middle of a quotation": (
        "„Die Fähre“, so Hafenminister Ilmar Vesk, „ist gesunken.“",
        one(
            "Hafenminister Ilmar Vesk",
            "so",
            "Die Fähre“, so Hafenminister Ilmar Vesk, „ist gesunken.",
            "direct",
        ),
    ),
    "so, at the end": (
        "Die Brücke stürzte ein, so der Bericht.",
        one("der Bericht", "so", "Die Brücke stürzte ein"),
    ),
    "so, of a degree": ("So schön war der Hafen nie.", []),
    "subjunctive, and its continuation": (
        "Der Minister erklärte, die Fähre sei gesunken. Niemand habe gefehlt. Die Brücke ist offen.",
        [
            ("Der Minister", "erklärte", "die Fähre sei gesunken", "indirect"),
            ("Der Minister", None, "Niemand habe gefehlt", "free_indirect"),
        ],
    ),
    "second subjunctive only after a speaker": (
        "Die Menschen hätten Angst. Der Minister sagte, er bleibe. Alle wären müde.",
        [
            ("Der Minister", "sagte", "er bleibe", "indirect"),
            ("Der Minister", None, "Alle wären müde", "free_indirect"),
        ],
    ),
    "nobody in particular": (
        "Die Lage sei ernst.",
        one(None, None, "Die Lage sei ernst", "free_indirect"),
    ),
    "laut": (
        "Laut Küstenwache sank die Fähre am Mittag.",
        one("Küstenwache", "Laut", "sank die Fähre am Mittag"),
    ),
    "loud": ("Das Volk rief laut und die Fahnen wehten.", []),
    "nach Angaben": (
        "Nach Angaben des Ministeriums sank die Fähre.",
        one("Ministeriums", "Nach Angaben", "sank die Fähre"),
    ),
    "zufolge": (
        "Dem Ministerium zufolge sank die Fähre am Mittag.",
        one("Dem Ministerium", "zufolge", "sank die Fähre am Mittag"),
    ),
    "zufolge, in the middle": (
        "Die Fähre ist einer Mitteilung der Agentur zufolge gesunken.",
        one(
            "einer Mitteilung der Agentur",
            "zufolge",
            "Die Fähre ist einer Mitteilung der Agentur zufolge gesunken",
        ),
    ),
    "wie ... meldete": (
        "Wie die Nachrichtenagentur Velpa meldete, sank die Fähre.",
        one("die Nachrichtenagentur Velpa", "meldete", "sank die Fähre"),
    ),
    "heißt es": (
        "Die Fähre sei gesunken, heißt es in dem Bericht.",
        one("dem Bericht", "heißt es", "Die Fähre sei gesunken"),
    ),
    "heißt es, document before": (
        "In der Erklärung heißt es, die Brücke sei sicher.",
        one("der Erklärung", "heißt es", "die Brücke sei sicher"),
    ),
    "colon": (
        "Er fügte hinzu: „Der Hafen ist sicher.“",
        one("Er", "fügte", "Der Hafen ist sicher.", "direct"),
    ),
    "noun of saying": (
        "Die Behauptung des Ministers, dass die Brücke sicher sei, überraschte niemanden.",
        one("Ministers", "Behauptung", "die Brücke sicher sei"),
    ),
    "verb at the end, subject after the auxiliary": (
        "Am Dienstag hat der Sprecher der Werft gesagt, dass die Arbeiten beginnen.",
        one("der Sprecher der Werft", "gesagt", "die Arbeiten beginnen"),
    ),
    "speech act": (
        "Der Kapitän lobte die Besatzung.",
        one("Der Kapitän", "lobte", "die Besatzung", "reported"),
    ),
    "wedged in": (
        "Die Brücke sei sicher, sagte Vesk, und der Hafen bleibe offen.",
        one("Vesk", "sagte", "Die Brücke sei sicher, sagte Vesk, und der Hafen bleibe offen"),
    ),
    "nested": (
        "„Ich habe gehört, wie der Kapitän ‚Halt!‘ rief“, sagte eine Zeugin.",
        [
            ("der Kapitän", "rief", "Halt!", "direct"),
            ("eine Zeugin", "sagte", "Ich habe gehört, wie der Kapitän ‚Halt!‘ rief", "direct"),
        ],
    ),
    "two cues, one speaker": (
        "Der Minister stellte fest, dass alles gut ist, und betonte, dass niemand fehle.",
        [
            ("Der Minister", "stellte fest", "alles gut ist", "indirect"),
            ("Der Minister", "betonte", "niemand fehle", "indirect"),
        ],
    ),
    "slogan": (
        "Die Arbeiter trugen die Losung „Kein Schiff ohne Brot!“ durch die Stadt.",
        one("Die Arbeiter", "Losung", "Kein Schiff ohne Brot!", "direct"),
    ),
    "speaker with a name in quotation marks": (
        "Die Zeitung „Harnstadter Banner“ schrieb: „Schande über Mirau!“",
        one("Die Zeitung", "schrieb", "Schande über Mirau!", "direct"),
    ),
    "apposition": (
        "Der Sprecher des Ministeriums, Orm Talle, erklärte am Montag, die Flotte sei bereit.",
        one("Der Sprecher des Ministeriums", "erklärte", "die Flotte sei bereit"),
    ),
    "so ... weiter": (
        "Man müsse, so der Minister weiter, die Küste schützen.",
        one("der Minister", "so", "Man müsse, so der Minister weiter, die Küste schützen"),
    ),
    "reproach": (
        "Kritiker werfen dem Ministerium vor, Zahlen zu verschweigen.",
        one("Kritiker", "werfen", "Zahlen zu verschweigen"),
    ),
    "infinitive": (
        "Vesk drohte damit, den Hafen zu schließen.",
        one("Vesk", "drohte damit", "den Hafen zu schließen"),
    ),
    "a document speaks": (
        "Der Artikel berichtet, dass die Werft schließt.",
        one("Der Artikel", "berichtet", "die Werft schließt"),
    ),
    "after another clause": (
        "Als der Präsident den Hafen besuchte, sagte Vesk bei einem Essen, dass die Mole halte.",
        one("Vesk", "sagte", "die Mole halte"),
    ),
}


@pytest.mark.parametrize("name", ENGLISH)
def test_english(name):
    text, expected = ENGLISH[name]
    assert said(text, "en") == expected


@pytest.mark.parametrize("name", GERMAN)
def test_german(name):
    text, expected = GERMAN[name]
    assert said(text, "de") == expected


# --- over sentences and lines ---------------------------------------------------------------------


def test_speech_after_a_colon_goes_on_until_somebody_else_speaks():
    text = (
        "The bridge is safe, the letter said, and went on:\n"
        "Nobody has ever fallen into the strait.\n"
        "Our neighbours are claiming that the pillars shake.\n"
        "We laugh about that.\n"
        "The ministry said that it would answer.\n"
    )
    found = {cue: (source, content) for source, cue, content, _ in said(text, "en")}
    assert found["went on"] == ("the letter", text[text.index("Nobody") : text.index("\nThe ministry")])
    assert found["said"] == ("The ministry", "it would answer")


def test_titles_datelines_and_source_lines_say_nothing():
    text = (
        "Minister says bridge is safe\n"
        "Harnstad, August 20, 2025 (VELPA) -- Minister Ilmar Vesk said that the bridge was safe. -0-\n"
        "www.velpa.example (2025.08.20.)\n"
    )
    assert said(text, "en") == one("Minister Ilmar Vesk", "said", "the bridge was safe")


ISSUED = {
    "dateline": (
        "Harnstad, August 20, 2025 (VELPA) -- The bridge is open.",
        ["Harnstad, August 20, 2025 (VELPA)"],
    ),
    "German dateline": ("Harnstad, 3. April (dpv) – Die Brücke ist offen.", ["Harnstad, 3. April (dpv)"]),
    "agency alone": ("HARNSTAD (Velpa) - The bridge is open.", ["HARNSTAD (Velpa)"]),
    "source line after the text, with its author": (
        "The bridge is open.\nIlmar Vesk\nVELPA, 2020-04-25",
        ["Ilmar Vesk", "VELPA, 2020-04-25"],
    ),
    "address": ("The bridge is open.\nwww.velpa.example (2025.08.20.)", ["www.velpa.example (2025.08.20.)"]),
    "fields": (
        "Open\nDate: 18/06/2024 | Source: Velpa Times (En) | Read it there\nThe bridge is open.",
        ["Date: 18/06/2024 | Source: Velpa Times (En)"],
    ),
    "a day alone": ("Open\n\nApril 26, 2023\n\nThe bridge is open.", ["April 26, 2023"]),
    "byline": ("Open\nBy Ilmar Vesk\nThe bridge is open.", ["By Ilmar Vesk"]),
    "date first": (
        "3. April 2019, Harnstad (dpv) - Die Brücke ist offen.",
        ["3. April 2019, Harnstad (dpv)"],
    ),
    "agency first": ("(VELPA) Harnstad, 3. Oktober. Die Brücke ist offen.", ["(VELPA) Harnstad, 3. Oktober"]),
    "agency in capitals": (
        "VELPA, Harnstad, 3. April -- Die Brücke ist offen.",
        ["VELPA, Harnstad, 3. April"],
    ),
    "agency between strokes": (
        "HARNSTAD, April 3. /VELPA/. The bridge is open.",
        ["HARNSTAD, April 3. /VELPA/"],
    ),
    "another reckoning": (
        "Harnstad, April 3, Renewal 48 (2019) (VELPA) -- The bridge is open.",
        ["Harnstad, April 3, Renewal 48 (2019) (VELPA)"],
    ),
    "a place alone": ("HARNSTAD — The bridge is open again.", ["HARNSTAD"]),
    "date in brackets": ("Open\n(Harnstad, 3 April 2019)\nThe bridge is open.", ["(Harnstad, 3 April 2019)"]),
    "German letter date": (
        "Offen\nHarnstad, den 3. April 2019\nDie Brücke ist offen.",
        ["Harnstad, den 3. April 2019"],
    ),
    "weekday": ("Open\nWednesday, April 3, 2019\nThe bridge is open.", ["Wednesday, April 3, 2019"]),
    "time of day": ("Offen\nStand: 03.04.2019, 14:30 Uhr\nEin Satz.", ["Stand: 03.04.2019, 14:30 Uhr"]),
    "agency as last line": ("The bridge is open.\nVELPA", ["VELPA"]),
    "byline with a role": ("Open\nBy Ilmar Vesk, Staff Writer\nA text.", ["By Ilmar Vesk, Staff Writer"]),
    "byline of a correspondent": (
        "Offen\nVon unserer Korrespondentin Orla Venn\nEin Satz.",
        ["Von unserer Korrespondentin Orla Venn"],
    ),
    "a title with two capitals": ("THE BRIDGE - THE SYMBOL OF A NATION\nThe bridge is open.", []),
    "a title with from": ("Von Harnstad nach Mirau\nDie Brücke ist offen.", []),
    "a day before a colon": ("On 3 April 2019: The bridge was opened.", []),
    "a clause between dashes": ("In Harnstad - der Stadt am Meer - ist es still.", []),
    "the holder of rights": ("The bridge is open.\n© 2019 Velpa", []),
    "a date in a sentence": ("The bridge opened on April 26, 2023.", []),
    "a bracket in a sentence": ("The Harbour Union (HU) - it was founded here - went on strike.", []),
    "a name in a text": ("The bridge is open.\nIlmar Vesk\nThe end.", []),
}


@pytest.mark.parametrize("name", ISSUED)
def test_when_and_by_whom_a_text_was_issued(name):
    text, expected = ISSUED[name]
    assert [text[start:end] for start, end in find_issued(text)] == expected


# --- sentences that were written before the rules read them ------------------------------------------

# F1 of cue, source, content over all sets; a little below what was measured.
FLOORS = {"de": (0.96, 0.97, 0.94), "en": (0.95, 0.94, 0.93)}


@pytest.mark.parametrize("language", FLOORS)
def test_sentences_written_first_are_read_as_expected(language):
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "attribution.py"
    spec = importlib.util.spec_from_file_location("benchmark_attribution", path)
    bench = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = bench  # its dataclasses look their module up
    spec.loader.exec_module(bench)
    read, total = bench.Reader(language), Counter()
    for one in (one for path in bench.sets(language) for one in bench.sentences(path)):
        total += bench.compared(one, read(one.text))[0]
    for measure, floor in zip(("cue", "source", "content"), FLOORS[language], strict=True):
        assert bench.scores(total, measure)[2] >= floor, measure


# --- the lexicon, and texts that were not written for us --------------------------------------------


@pytest.mark.parametrize(
    ("entries", "settings", "fault"),
    [
        ([{"where": "sideways"}], {}, "unknown where 'sideways'"),
        ([], {"determinators": ["the"]}, "unknown list 'determinators'"),
    ],
)
def test_faults_of_a_lexicon_are_named(entries, settings, fault):
    group = {"label": "CUE", "patterns": ["said"], "reason": "r", "source": "s"}
    made, problems = parse_entries({"entries": [group | one for one in entries]}, "x.toml")
    assert not problems
    with pytest.raises(ValueError, match=fault):
        Cues.of("en", made, settings)


HOSTILE = {
    "quotes": '"' * 100_000,
    "open quotes": "„" * 50_000 + "sagte er",
    "no space": "a" * 1_000_000,
    "cues": "said " * 20_000,
    "cues and commas": "sagte, " * 10_000,
    "brackets": "(" * 50_000 + "said" + ")" * 50_000,
    "quotes and cues": '"A," he said, ' * 5_000,
    "lines": "said that\n" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_read(name):
    text, language = HOSTILE[name], "de" if "sagte" in HOSTILE[name] else "en"
    for one in find_attributions(text, cues(language)):
        for place in (one.cue, one.source, one.content):
            assert place is None or 0 <= place.start < place.end <= len(text)
