"""A rule is tried only where it can begin: no match of any rule may be lost by that."""

import random
import re

import pytest

from annotate.core.dates.grammar import grammar_of
from annotate.core.dates.openers import Openers

TEXT = (
    "Am 3. April 1970 begann es; vom 24. bis 26. April 2019, im Mai '68, 12/05/2018 und 2018-05-12. "
    "On May 4, 5 and 6, 1945, in the early 1960s, the 19th century, last week, five years ago, at 16:15. "
    "Vor fünf Jahren, Anfang 1974, in der Marktstraße 12, Juche 107 (2018), zwischen 1914 und 1918, nächsten "
    "Montag, um 490 v. Chr., am Abend, the day before yesterday, 2 1/2 years, no. 12, (1999), 25.12.'99."
)


@pytest.mark.parametrize("language", ["de", "en", "es"])
def test_a_match_begins_with_an_opener(language):
    grammar = grammar_of(language)
    words = TEXT.split(" ")
    shuffled = " ".join(random.Random(7).sample(words, len(words)))
    seen = 0
    for text in (TEXT, shuffled.replace(" ", "\u00a0")):
        for number, rule in enumerate(grammar.rules):
            if number in grammar.openers.anywhere:
                assert all(sign in text for sign in grammar.openers.needs(number)) or not rule.regex.search(
                    text
                )
                continue
            for match in rule.regex.finditer(text):
                for length in (1, 4, 12):
                    walked = text[match.start() : match.start() + length]
                    assert number in grammar.openers.after(walked).rules, (rule.name, walked)
                seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    ("pattern", "fits", "misses"),
    [
        ("[0-9]{2}\\.", "15.", "1.5"),
        ("(?:in|an) [A-Z]", "an B", "an b"),
        ("a[^a-z]x", "aAx", "aax"),
        ("(a)(?:b)?c", "abc", "abb"),
        ("(?P<q>['\"])x(?P=q)!", "'x'!", "xx"),
        ("(?=a)a(?!b)\\d", "a1", "aa"),
    ],
)
def test_the_automaton_follows_a_pattern(pattern, fits, misses):
    openers = Openers([pattern], {})
    assert re.match(pattern, fits)
    assert openers.after(fits).rules == (0,)
    assert openers.after(misses).rules == ()


def test_the_automaton_is_bounded():
    openers = Openers(["[a-z]{1,40}x", "a{1,40}b"], {})
    for number in range(2_000):
        openers.after("a" * (number % 50) + chr(0x4E00 + number))
    assert len(openers._states) < 200
