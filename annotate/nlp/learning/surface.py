"""What can be seen of a sentence without knowing its words' meaning: figures, names, tense, modality, person.

Counts of German and English signs that are known to tell statements of fact from opinion and intention
(Hassan et al. 2017, KDD, on check-worthiness; Wiebe et al. 2004, Computational Linguistics 30, on
subjectivity). A text in another language keeps the signs that are not words. Linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import log1p
from typing import Final

LONGEST: Final = 2_000
_MOST: Final = 4
_WORD: Final = re.compile(r"\w+(?:['’]\w+)?")

_GROUPS: Final = {
    "number word": "one two three four five six seven eight nine ten eleven twelve dozen dozens hundred "
    "hundreds thousand thousands zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dutzend hunderte "
    "tausend tausende",
    "large number": "million millions billion billions trillion percent millionen milliarde milliarden "
    "prozent euro dollar dollars",
    "time": "last past ago since years year months weeks days yesterday today century decade seit vor jahr "
    "jahre jahren monat monaten wochen tagen gestern heute jahrhundert jahrzehnt damals bisher",
    "comparison": "more less fewer greater higher lower larger smaller than twice half record average rate "
    "most least mehr weniger höher niedriger größer kleiner als doppelt hälfte rekord durchschnitt quote "
    "meisten wenigsten",
    "change": "increased decreased rose risen fell fallen dropped cut raised lost gained grew grown declined "
    "reduced doubled created spent cost costs paid gestiegen gesunken stieg sank fiel wuchs verlor gewann "
    "verdoppelt gekürzt erhöht gesenkt kostet kostete geschaffen ausgegeben",
    "act": "voted passed signed vetoed proposed supported opposed introduced said told announced called made "
    "took went came brought gave sent started ended killed won built sold bought opened closed joined led "
    "met ran refused failed promised stimmte beschloss unterzeichnete lehnte sagte erklärte kündigte "
    "nahm ging kam brachte gab schickte begann endete tötete baute verkaufte kaufte eröffnete schloss traf "
    "weigerte versprach verabschiedete",
    "past": "was were had been did has have war waren hatte hatten wurde wurden worden gewesen hat haben",
    "modal": "will would should could must shall may might can going gonna ought need wird werden würde "
    "würden soll sollen sollte sollten kann können könnte könnten muss müssen müsste darf dürfen will wollen",
    "if": "if unless whether wenn falls ob sofern",
    "opinion": "think believe feel hope want guess suppose know wonder mean wish love hate agree disagree "
    "glaube denke finde meine hoffe wünsche fürchte vermute weiß halte",
    "report": "according said says reported states laut zufolge sagte sagt erklärte sei seien habe hätten "
    "werde könne solle müsse wolle",
    "I": "i me my myself i'm i've i'd i'll ich mich mir mein meine meinen",
    "we": "we our us ours wir uns unser unsere unseren",
    "you": "you your yours du dich dein ihr euch sie ihnen",
    "they": "he she it his her they their its er es sein seine ihre ihren",
    "value": "good bad great wrong right important best better worse worst fair proud terrible wonderful "
    "freedom values dream future gut schlecht falsch richtig wichtig besser beste schlimm stolz freiheit "
    "werte zukunft furchtbar wunderbar",
    "particle": "very really just even simply perhaps indeed obviously clearly course so nur doch ja wohl "
    "gar eben halt natürlich offenbar vielleicht wirklich einfach sogar ganz selbst endlich",
    "contrast": "but however yet although though instead aber jedoch dennoch obwohl statt sondern allerdings",
    "negation": "not no never none nobody nothing don't didn't doesn't isn't wasn't won't can't nicht kein "
    "keine keinen nie niemals niemand nichts",
    "all": "every all always only first single everyone jeder jede alle alles immer einzige erste ersten",
    "public": "tax taxes budget deficit debt job jobs unemployment inflation wages income economy oil energy "
    "crime troops soldiers nuclear weapons missiles military health security schools congress senate "
    "president government federal program bill law states country people trade imports exports workers "
    "steuer steuern haushalt schulden arbeitsplätze arbeitslosigkeit löhne einkommen wirtschaft öl energie "
    "kriminalität truppen soldaten waffen raketen militär gesundheit sicherheit schulen parlament "
    "regierung präsident gesetz staaten land menschen handel arbeiter",
}
_GROUPS_OF: Final[dict[str, tuple[str, ...]]] = {}
for _name, _words in _GROUPS.items():
    for _one in _words.split():
        _GROUPS_OF[_one] = (*_GROUPS_OF.get(_one, ()), _name)
_SIGNS: Final[dict[str, Callable[[str], int]]] = {
    "digits": lambda text: len(re.findall(r"\d[\d.,]*", text)),
    "years": lambda text: len(re.findall(r"\b(?:1[789]|20)\d\d\b", text)),
    "money": lambda text: sum(map(text.count, "%$€£")),
    "exclamation": lambda text: text.count("!"),
    "question": lambda text: text.count("?"),
    "quotation": lambda text: sum(map(text.count, '"„“”»«')),
    "comma": lambda text: text.count(","),
    "colon": lambda text: text.count(":") + text.count(";"),
    "dash": lambda text: sum(map(text.count, "–—()")),
    "dots": lambda text: text.count("…") + text.count("..."),
}
NAMES: Final = (*_GROUPS, *_SIGNS, "names", "length", "ends as question")


@lru_cache(maxsize=65_536)
def _groups(word: str) -> tuple[str, ...]:
    return _GROUPS_OF.get(word.lower().replace("’", "'"), ())


def surface(text: str) -> list[float]:
    """The features of a text in the order of ``NAMES``; counts end at four."""
    text = text[:LONGEST]
    words = _WORD.findall(text)
    counts = dict.fromkeys(_GROUPS, 0)
    for word in words:
        for group in _groups(word):
            counts[group] += 1
    signs = [count(text) for count in _SIGNS.values()]
    # Two capitals in a row: a single one is any noun in German.
    names = sum(one[:1].isupper() and other[:1].isupper() for one, other in pairwise(words))
    ends = text.rstrip("\"”“»«' ").endswith("?")
    return [
        *(float(min(number, _MOST)) for number in (*counts.values(), *signs, names)),
        log1p(len(words)),
        float(ends),
    ]
