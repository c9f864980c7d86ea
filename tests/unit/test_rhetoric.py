"""Rhetoric: each guideline's include and exclude with invented sentences in both languages, hostile texts."""

from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest
import spacy

from annotate.core.errors import ConfigError
from annotate.core.rhetoric import LABELS, Figure
from annotate.core.rhetoric.figures import settled
from annotate.nlp.lexicons import default_folder
from annotate.nlp.rhetoric import Rhetoric

RULES = {language: Rhetoric(language)._rules for language in ("en", "de")}


def found(text, language):
    return [(one.label, text[one.start : one.end]) for one in RULES[language].find(text)]


INCLUDE = [
    ("en", "LOADED", "The council passed a shameful decree about the harbour.", "shameful"),
    ("en", "LOADED", "The strait saw desperate efforts to sell the lighthouse.", "desperate efforts"),
    ("de", "LOADED", "Der Rat beschloss die schändliche Verordnung über den Hafen.", "schändliche"),
    ("de", "LOADED", "Es waren allerlei Intrigen um die Fähre.", "allerlei Intrigen"),
    ("en", "ENEMY", "The lackeys of the salt kings closed the mine.", "lackeys"),
    ("en", "ENEMY", "Mirau and its henchmen closed the mine.", "its henchmen"),
    ("de", "ENEMY", "Die Salzknechte schlossen das Bergwerk.", "Salzknechte"),
    ("de", "ENEMY", "Im Hafen stehen die Mirau-Besatzertruppen.", "Mirau-Besatzertruppen"),
    ("en", "GLORIFY", "They sang for the respected Comrade Ilmar Tosk.", "respected"),
    (
        "en",
        "GLORIFY",
        "The bridge grew under the wise leadership of the captain.",
        "under the wise leadership",
    ),
    ("de", "GLORIFY", "Sie sangen für den verehrten Genossen Ilmar Tosk.", "verehrten"),
    ("de", "GLORIFY", "Die Brücke wuchs unter der weisen Führung des Kapitäns.", "unter der weisen Führung"),
    ("en", "SLOGAN", "They marched under the slogan “Row for the shore” all day.", "“Row for the shore”"),
    ("en", "SLOGAN", "Long live the lighthouse keepers!", "Long live the lighthouse keepers!"),
    ("de", "SLOGAN", "Sie trugen die Losung „Rudert für die Küste“ voran.", "„Rudert für die Küste“"),
    ("de", "SLOGAN", "Es lebe die Bruderschaft der Ufer!", "Es lebe die Bruderschaft der Ufer!"),
    ("en", "FORMULA", "Both shores keep their unbreakable friendship.", "unbreakable friendship"),
    ("en", "FORMULA", "They keep it from generation to generation.", "from generation to generation"),
    (
        "de",
        "FORMULA",
        "Beide Ufer pflegen ihre unverbrüchliche Freundschaft.",
        "unverbrüchliche Freundschaft",
    ),
    ("de", "FORMULA", "Sie standen Schulter an Schulter am Kai.", "Schulter an Schulter"),
    ("en", "VALUES", "We do it in the name of freedom.", "in the name of freedom"),
    ("de", "VALUES", "Der Kampf für die Freiheit verlangt diese Steuer.", "Kampf für die Freiheit"),
    ("en", "AUTHORITY", "Everyone knows that the dam was sound.", "Everyone knows"),
    ("de", "AUTHORITY", "Jeder weiß, dass der Damm hielt.", "Jeder weiß"),
    ("en", "FEAR", "A reactor would doom our children.", "would doom our children"),
    ("de", "FEAR", "Der Reaktor wäre für unsere Kinder der Untergang.", "Untergang"),
    ("en", "EXAGGERATE", "Their song moved the whole world.", "the whole world"),
    ("de", "EXAGGERATE", "Ihr Lied rührte die ganze Welt.", "die ganze Welt"),
    (
        "en",
        "SIMPLIFY",
        "The only reason for the flood is the mayor.",
        "The only reason for the flood is the mayor",
    ),
    ("de", "SIMPLIFY", "Der einzige Grund für die Flut ist der Bürgermeister.", None),
    ("en", "DEFLECT", "The so-called observers left the harbour.", "so-called observers"),
    ("de", "DEFLECT", "Die sogenannten Beobachter verließen den Hafen.", "sogenannten Beobachter"),
    ("en", "LOADED", "The mayor squandered the money of the harbour.", "squandered"),
    ("de", "LOADED", "Die skandalösen Zustände im Hafenamt blieben.", "skandalösen"),
    ("en", "ENEMY", "The propagandists of Mirau kept the mine.", "propagandists"),
    ("de", "ENEMY", "Die Lügenpresse von Mirau schwieg über das Bergwerk.", "Lügenpresse"),
    ("en", "GLORIFY", "The invincible army stood on the shore.", "invincible army"),
    ("de", "GLORIFY", "Die ruhmreiche Armee stand am Ufer.", "ruhmreiche Armee"),
    ("en", "SLOGAN", "They say now is the time to act.", "now is the time to act"),
    ("de", "SLOGAN", "Sie sagen, es ist höchste Zeit zu rudern.", "es ist höchste Zeit"),
    ("en", "FORMULA", "The dam broke, and it is what it is.", "it is what it is"),
    ("de", "FORMULA", "Der Damm brach, und so ist das nun mal.", "so ist das nun mal"),
    ("en", "VALUES", "As patriots we pay this tax.", "As patriots"),
    ("de", "VALUES", "Als Patrioten zahlen wir diese Steuer.", "Als Patrioten"),
    ("en", "AUTHORITY", "Leading economists agree on the toll.", "Leading economists agree"),
    ("de", "AUTHORITY", "Führende Ökonomen sprechen sich für die Maut aus.", "Führende Ökonomen"),
    ("en", "FEAR", "Nobody is safe on this shore.", "Nobody is safe"),
    ("de", "FEAR", "An diesem Ufer ist niemand mehr sicher.", "niemand mehr sicher"),
    ("en", "EXAGGERATE", "It was just a drop in the bucket.", "just a drop in the bucket"),
    ("de", "EXAGGERATE", "Der Damm ist so teuer wie nie zuvor.", "so teuer wie nie zuvor"),
    ("en", "SIMPLIFY", "You are either with the ferry or against it.", None),
    ("de", "SIMPLIFY", "Entweder wir bauen den Damm oder wir gehen unter.", None),
    ("en", "DEFLECT", "How can anyone trust this harbour board?", "How can anyone trust this harbour board"),
    ("de", "DEFLECT", "Wer soll das dem Hafenamt noch glauben?", "Wer soll das dem Hafenamt noch glauben"),
    ("en", "VAGUE", "Mistakes were made in the harbour.", "Mistakes were made"),
    ("de", "VAGUE", "Es wurden Fehler gemacht.", "Es wurden Fehler gemacht"),
    ("en", "VAGUE", "Certain circles have an interest in the strait.", "Certain circles"),
    ("de", "VAGUE", "Gewisse Kreise haben ein Interesse an der Meerenge.", "Gewisse Kreise"),
]


@pytest.mark.parametrize(("language", "label", "text", "quote"), INCLUDE)
def test_what_the_guidelines_include(language, label, text, quote):
    quotes = [words for name, words in found(text, language) if name == label]
    assert quotes == [quote or text[:-1]]


EXCLUDE = [
    ("en", "GLORIFY", "President Ilmar Tosk opened the bridge."),
    ("en", "GLORIFY", "The great storm broke the bridge."),
    ("de", "GLORIFY", "Präsident Ilmar Tosk eröffnete die Brücke."),
    ("de", "GLORIFY", "Der große Sturm zerstörte die Brücke."),
    ("en", "SLOGAN", "“We closed the mine on Monday,” the mayor said."),
    ("en", "SLOGAN", "“I cannot believe it!” she said."),
    ("de", "SLOGAN", "„Wir haben das Bergwerk geschlossen“, sagte die Bürgermeisterin."),
    ("en", "ENEMY", "The Ministry of Ports criticised the plan."),
    ("de", "ENEMY", "Das Hafenministerium kritisierte den Plan."),
    ("en", "EXAGGERATE", "It was the most expensive bridge in the world with 12 million crowns."),
    ("en", "VALUES", "The talks were about sovereignty."),
    ("de", "VALUES", "In den Gesprächen ging es um Souveränität."),
    ("en", "AUTHORITY", "The mayor said that the dam was sound."),
    ("de", "AUTHORITY", "Die Bürgermeisterin sagte, dass der Damm hielt."),
    ("en", "FEAR", "The ministry reported a threat on Monday."),
    ("en", "DEFLECT", "The novel “the salt road” was printed in Orsk."),
    ("en", "DEFLECT", "The mayor called the plan “a bad joke”, she said."),
    ("de", "DEFLECT", "Das Buch „Der Salzweg“ erschien in Orsk."),
    ("en", "LOADED", "The council passed a decree about the harbour."),
    ("de", "LOADED", "Der Rat beschloss eine Verordnung über den Hafen."),
    ("en", "VAGUE", "Four sailors have an interest in the strait."),
    ("en", "SIMPLIFY", "One reason for the flood is the broken dam."),
    ("de", "SIMPLIFY", "Ein Grund für die Flut ist der gebrochene Damm."),
    ("en", "FORMULA", "The two states signed a trade agreement."),
    ("de", "FORMULA", "Die beiden Staaten unterzeichneten ein Handelsabkommen."),
    ("de", "EXAGGERATE", "Mit 12 Millionen Kronen war es die teuerste Brücke der Welt."),
    ("de", "FEAR", "Das Ministerium berichtete am Montag von einer Gefahr."),
    ("de", "DEFLECT", "Der Minister nannte den Plan „einen schlechten Scherz“."),
    ("en", "DEFLECT", "How many ships left the port on Monday?"),
    ("de", "DEFLECT", "Wie viele Schiffe verließen am Montag den Hafen?"),
    ("de", "VAGUE", "Vier Seeleute haben ein Interesse an der Meerenge."),
    ("en", "LOADED", "The destroyed bridge was rebuilt in May."),
    ("de", "LOADED", "Die gefährliche Kurve wurde im Mai begradigt."),
]


@pytest.mark.parametrize(("language", "label", "text"), EXCLUDE)
def test_what_the_guidelines_exclude(language, label, text):
    assert label not in {name for name, _ in found(text, language)}


TIES = [
    # friendship, unity, tradition: FORMULA before LOADED; a watchword with its marks: SLOGAN before FORMULA
    ("en", "They praised the indestructible friendship.", ["FORMULA"]),
    ("de", "Sie lobten die unerschütterliche Freundschaft.", ["FORMULA"]),
    ("en", "They chanted “Unbreakable friendship for ever” at the quay.", ["SLOGAN"]),
    ("de", "Sie riefen „Unverbrüchliche Freundschaft für immer“ am Kai.", ["SLOGAN"]),
    # a value that is the reason: VALUES before FORMULA; self-praise of a nation: GLORIFY
    ("en", "In the name of peace they lowered the toll.", ["VALUES"]),
    ("de", "Im Namen des Friedens senkten sie den Zoll.", ["VALUES"]),
    ("en", "It was the invincible nation of the shore.", ["GLORIFY"]),
    ("de", "Es war die unbesiegbare Nation am Ufer.", ["GLORIFY"]),
    # an adjective before the enemy's name: ENEMY for both
    ("en", "He met the vile stooges.", ["ENEMY"]),
    ("de", "Er traf die niederträchtigen Handlanger.", ["ENEMY"]),
    # danger with somebody in danger: FEAR, without: LOADED
    ("en", "Anarchy came over our children.", ["FEAR"]),
    ("de", "Das Chaos kam über unsere Kinder.", ["FEAR"]),
    ("en", "Anarchy came over the archive.", ["LOADED"]),
    ("de", "Das Chaos kam über das Archiv.", ["LOADED"]),
    # an insult inside a clause that simplifies keeps its label
    ("de", "Der einzige Grund für die Flut ist der Tyrann.", ["SIMPLIFY", "ENEMY"]),
    # a loaded word inside a question that accuses keeps its label
    ("en", "How can anyone trust this shameful harbour board?", ["DEFLECT", "LOADED"]),
    ("de", "Wer soll das dem schändlichen Hafenamt noch glauben?", ["DEFLECT", "LOADED"]),
    # who did it is hidden: VAGUE before LOADED
    ("en", "Sinister forces bought the ferry.", ["VAGUE"]),
    ("de", "Finstere Kräfte kauften die Fähre.", ["VAGUE"]),
    # so-called with the opponent's term: DEFLECT
    ("en", "They broke the so-called “peace of the shore”.", ["DEFLECT"]),
    ("de", "Sie brachen den sogenannten „Uferfrieden“.", ["DEFLECT"]),
    # a plain title stays unmarked, the ornament before it is GLORIFY
    ("en", "The beloved President opened the bridge.", ["GLORIFY"]),
    ("de", "Der geliebte Präsident eröffnete die Brücke.", ["GLORIFY"]),
]


@pytest.mark.parametrize(("language", "text", "labels"), TIES)
def test_the_tie_breakers_of_the_guidelines(language, text, labels):
    assert [name for name, _ in found(text, language)] == labels


@pytest.mark.parametrize(
    ("language", "weak", "strong"),
    [
        ("en", "The plan was dangerous.", "The shameful plan was dangerous."),
        ("de", "Der Plan war gefährlich.", "Der schändliche Plan war gefährlich."),
    ],
)
def test_a_weak_word_counts_beside_another_find_only(language, weak, strong):
    assert found(weak, language) == []
    assert [words for _, words in found(strong, language)][-1] in ("dangerous", "gefährlich")


def test_a_slogan_has_its_marks_and_swallows_what_stands_in_it():
    text = "They chanted “Down with the lackeys of Mirau!” in the harbour."
    assert found(text, "en") == [("SLOGAN", "“Down with the lackeys of Mirau!”")]


def test_a_loaded_word_before_a_degrading_name_belongs_to_the_name():
    assert found("He met the treacherous lackeys of Mirau.", "en") == [("ENEMY", "treacherous lackeys")]
    assert found("Er traf die skrupellosen Handlanger.", "de") == [("ENEMY", "skrupellosen Handlanger")]


def test_loaded_neighbours_are_one_span():
    assert found("It was a cruel, heinous and vile decree.", "en") == [("LOADED", "cruel, heinous and vile")]


def test_an_insult_keeps_its_label_inside_a_clause_that_simplifies():
    labels = found("The only cause of the flood is the tyrant.", "en")
    assert [name for name, _ in labels] == ["SIMPLIFY", "ENEMY"]


def test_fear_without_anybody_in_danger_is_loaded():
    assert found("The plan brought chaos to the archive.", "en") == [("LOADED", "chaos")]


def test_scare_quotes_are_a_weak_suggestion():
    text = "They speak of the “free market” in the harbour."
    (figure,) = RULES["en"].find(text)
    assert (figure.label, text[figure.start : figure.end], figure.score) == ("DEFLECT", "free market", 0.35)


@pytest.mark.parametrize("language", ["en", "de"])
def test_titles_datelines_and_furniture_get_no_label(language):
    title = {"en": "Shameful traitors of the harbour", "de": "Schändliche Verräter am Hafen"}[language]
    body = {"en": "The mine was closed.", "de": "Das Bergwerk wurde geschlossen."}[language]
    share = {"en": "Share this shameful story", "de": "Teilen: schändliche Geschichte"}[language]
    assert found(f"{title}\n\n{body}\n{share}\n", language) == []
    # Alone, without lines around it, the same words are a text.
    assert {name for name, _ in found(f"{title}.", language)} == {"ENEMY"}


def test_ties_are_settled_in_the_order_of_the_scheme():
    text = "x" * 40
    for better, worse in pairwise(LABELS[:-1]):
        two = [Figure(0, 10, better, 0.5, ""), Figure(5, 20, worse, 0.9, "")]
        assert [one.label for one in settled(text, two)] == [better]


def test_labels_and_conditions_are_checked(tmp_path):
    folder = tmp_path / "lexicons"
    (folder / "en").mkdir(parents=True)
    row = '[[entries]]\nlabel = "{}"\nwhere = "{}"\npatterns = ["a"]\nreason = "r"\nsource = "s"\n'
    for label, where in (("PRAISE", ""), ("LOADED", "sometimes")):
        (folder / "en" / "rhetoric.toml").write_text(row.format(label, where), encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            Rhetoric("en", lexicons=str(folder))
        assert "unknown label or where" in caught.value.problems[0].what


def test_a_researcher_adds_words_for_one_outlet(tmp_path):
    folder = tmp_path / "lexicons"
    (folder / "en" / "outlets").mkdir(parents=True)
    (folder / "en" / "outlets" / "quay.toml").write_text(
        '[[entries]]\nlabel = "ENEMY"\npatterns = ["herring barons"]\nreason = "r"\nsource = "s"\n', "utf-8"
    )
    text = "The herring barons closed the mine."
    own = Rhetoric("en", lexicons=str(folder))
    assert [text[one.start : one.end] for one in own._rules.find(text)] == ["herring barons"]
    assert own.fingerprint() != Rhetoric("en").fingerprint()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_shipped_group_says_why_and_every_label_has_many_patterns(language):
    data = tomllib.loads((default_folder() / language / "rhetoric.toml").read_text(encoding="utf-8"))
    words = {label: 0 for label in LABELS}
    for group in data["entries"]:
        assert group["reason"], group
        assert group["source"], group
        if group["label"] in words:
            words[group["label"]] += sum(pattern.count("|") + 1 for pattern in group["patterns"])
    assert min(words.values()) >= 20
    assert sum(words.values()) >= 800


def test_without_a_lexicon_marks_and_capitals_are_left():
    rules = Rhetoric("fr")
    assert "capitals" in rules.limited
    text = (
        "Ils criaient « Vive la mer libre ! » et lisaient LIBERTÉ POUR LE PORT. Le maire dit : « Non merci »."
    )
    quotes = [text[one.start : one.end] for one in rules._rules.find(text)]
    assert quotes == ["« Vive la mer libre ! »", "LIBERTÉ POUR LE PORT"]


def test_the_component_says_why():
    nlp = spacy.blank("en")
    nlp.add_pipe("rhetoric")
    doc = nlp("The lackeys closed the mine.")
    (span,) = doc.spans["rhetoric"]
    assert (span.label_, span._.exact) == ("ENEMY", (4, 11))
    assert "cartoon" in span._.note


HOSTILE = [
    "",
    "\n\n",
    "“" * 4000,
    "”„" * 2000,
    "a" * 60_000,
    "shameful " * 800,
    "shameful and " * 800,
    "so-called " * 800,
    "“a b!” " * 800,
    "THE BIG SHIP " * 800,
    "the only reason for " * 700,
    "how can anyone ever " * 700 + "?",
    "dangerous shameful " * 800,
    "lackeys vile " * 800,
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_texts(language, number):
    text = HOSTILE[number]
    last = 0
    for one in RULES[language].find(text):
        assert last <= one.start < one.end <= len(text)
        last = one.start
