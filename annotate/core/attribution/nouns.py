"""Noun phrases without a parser: who speaks, by capitals, articles and the small words between them."""

from __future__ import annotations

from annotate.core.attribution.cues import Cues
from annotate.core.attribution.ground import Ground
from annotate.core.attribution.model import Speaker

LONGEST = 18
_ADJECTIVE = ("e", "en", "er", "es", "em")
_PAST = ("te", "ten")
IT = "it"
_WITH = frozenset(["with", "from", "of", "mit", "aus", "von"])


def phrase(ground: Ground, cues: Cues, at: int, stop: int, *, governed: bool = False) -> int | None:
    """Number of the last word of the noun phrase that begins with word ``at``; it ends before ``stop``.

    ``governed``: a preposition stands before it, so that its first word is no verb.
    """
    if at >= stop:
        return None
    word = ground.folded(at)
    if word in cues.pronouns:
        return at
    if _is_small(cues, word) or (word in cues.that and word in cues.breaks):
        return None
    read = _german if cues.nouns_are_capitalised else _english
    last = read(ground, cues, at, min(stop, at + LONGEST), governed)
    return None if last is None else _joined(ground, cues, last, stop)


def _is_small(cues: Cues, word: str) -> bool:
    return (
        word in cues.prepositions or word in cues.breaks or word in cues.auxiliaries or word in cues.adverbs
    ) and word not in cues.determiners


def _english(ground: Ground, cues: Cues, at: int, stop: int, of: bool = False) -> int | None:
    """Article, or a name, or a role, or anything after "of"; then whatever is no small word."""
    word = ground.folded(at)
    articled = of or word in cues.determiners or _begins(ground, at)
    if not (articled or ground.capital(at) or word in cues.roles):
        return None
    last = at
    noun = word not in cues.determiners
    while last + 1 < stop and not ground.parted(last):
        word = ground.folded(last + 1)
        if word in cues.determiners:
            if noun:
                break
        elif _ends_phrase(cues, word):
            break
        else:
            capital = ground.capital(last + 1)
            if not (articled or capital or word.isdigit() or word in cues.roles or last + 2 == stop):
                break
            if noun and not capital and _governs(ground, cues, last + 1, stop):
                break
            noun = True
        last += 1
    return last if noun else None


def _governs(ground: Ground, cues: Cues, word: int, stop: int) -> bool:
    """Whether a word after a noun is a verb: a noun has no article or pronoun after it."""
    if ground.folded(word) in cues.verbs or ground.folded(word).endswith("ed"):
        return True
    if word + 1 >= stop or ground.parted(word):
        return False
    after = ground.folded(word + 1)
    return not ground.folded(word).isdigit() and (after in cues.determiners or after in cues.pronouns)


def _ends_phrase(cues: Cues, word: str) -> bool:
    small = _is_small(cues, word) or word in cues.pronouns or word in cues.joining
    return small or _is_adverb(cues, word)


def _is_adverb(cues: Cues, word: str) -> bool:
    return word.endswith("ly") and word not in cues.roles and word not in cues.documents


def _closes(ground: Ground, cues: Cues, last: int, stop: int) -> bool:
    """Whether nothing but auxiliaries and adverbs stands between a phrase and word ``stop``."""
    after = ground.folded(last + 1) if last + 1 < stop else ""
    if after and not ground.parted(last) and not ground.capital(last + 1) and not _is_small(cues, after):
        return after not in cues.determiners  # a verb: "X and Y met"
    words = (ground.folded(number) for number in range(last + 1, stop))
    return all(one in cues.auxiliaries or one in cues.adverbs or _is_adverb(cues, one) for one in words)


def _german(ground: Ground, cues: Cues, at: int, stop: int, governed: bool = False) -> int | None:
    """Article and adjectives, then nouns and names, which are capitalised."""
    last: int | None = None
    for number in range(at, stop):
        if number > at and ground.parted(number - 1):
            break
        word = ground.folded(number)
        if word in cues.determiners:
            if last is not None:
                break
        elif _is_small(cues, word) or word in cues.pronouns:
            break
        elif ground.capital(number):
            last = number
        elif last is not None or not word.endswith(_ADJECTIVE) or (number == at and _past(word, governed)):
            break
    return last


def _past(word: str, governed: bool) -> bool:
    """Whether a word may be a verb: "sagte"; behind a preposition it is an adjective: "ungenannte"."""
    return word.endswith(_PAST) and not governed


def _joined(ground: Ground, cues: Cues, last: int, stop: int) -> int:
    """The phrase with what hangs on it: "of the ministry", "des Ministeriums", "and his deputy"."""
    while last + 2 < stop and not ground.parted(last):
        word = ground.folded(last + 1)
        inner: int | None = None
        if word in cues.joining:
            # German: the genitive article belongs to the phrase that it joins.
            inner = phrase(ground, cues, last + (1 if word in cues.determiners else 2), stop)
            if (
                inner is None
                and not cues.nouns_are_capitalised
                and not _is_small(cues, ground.folded(last + 2))
            ):
                inner = _english(ground, cues, last + 2, stop, of=True)
        elif word in cues.role_joining and (cues.nouns_are_capitalised or ground.folded(last) in cues.roles):
            inner = phrase(ground, cues, last + 2, stop)
        elif word == "by" and cues.is_document(ground.folded(last)):
            inner = phrase(ground, cues, last + 2, stop, governed=True)
        elif word in cues.conjunctions:
            inner = phrase(ground, cues, last + 2, stop)
            inner = inner if inner is not None and _closes(ground, cues, inner, stop) else None
        if inner is None or ground.folded(inner) in cues.pronouns:
            return last
        last = inner
    return last


def subject(ground: Ground, cues: Cues, low: int, high: int) -> tuple[int, int] | None:
    """The phrase that a stretch of words begins with, maybe after "later", "on Monday", "in his speech"."""
    at = low
    while at < high:
        word = ground.folded(at)
        relative = word in cues.determiners and at + 1 < high and ground.folded(at + 1) in cues.pronouns
        adverb = word in cues.adverbs and word not in cues.determiners and word not in cues.prepositions
        if relative or adverb or word in cues.conjunctions:
            at += 1
        elif word in cues.prepositions:
            inner = phrase(ground, cues, at + 1, high, governed=cues.nouns_are_capitalised)
            at = at + 1 if inner is None else inner + 1
        elif word in cues.auxiliaries and cues.nouns_are_capitalised:
            at += 1
        else:
            break
    last = phrase(ground, cues, at, high)
    if last is None and cues.nouns_are_capitalised and at + 1 < high and not ground.capital(at):
        at += 1  # the finite verb stands before its subject
        last = phrase(ground, cues, at, high)
    return None if last is None or last >= high else (at, last)


def ending(ground: Ground, cues: Cues, low: int, stop: int) -> tuple[int, int] | None:
    """The longest phrase that ends right before word ``stop``."""
    for at in range(max(low, stop - LONGEST), stop):
        if phrase(ground, cues, at, stop) == stop - 1:
            return at, stop - 1
    return None


def lengthened(ground: Ground, cues: Cues, found: tuple[int, int], stop: int) -> tuple[int, int]:
    """A source with the phrases behind it up to its verb (word ``stop``): "farmers in the valley", but not
    "Vesk in a letter", "the minister on Monday"."""
    first, last = found
    name = ground.capital(last) and not (first == last and _begins(ground, first))
    if ground.parted(last) or (name and not cues.nouns_are_capitalised):
        return found
    at = last + 1
    while at < stop and ground.folded(at) in cues.prepositions:
        inner = phrase(ground, cues, at + 1, stop, governed=True)
        where = ground.folded(at) not in _WITH
        if inner is None or _when_or_where_said(ground, cues, at + 1, inner, where=where):
            return found
        last, at = inner, inner + 1
        if at < stop and ground.parted(last):
            return found
    closes = all(
        ground.folded(one) in cues.auxiliaries
        or ground.folded(one) in cues.adverbs
        or _is_adverb(cues, ground.folded(one))
        for one in range(at, stop)
    )
    return (first, last) if closes else found


def _begins(ground: Ground, word: int) -> bool:
    """Whether a word begins its sentence, so that its capital says nothing."""
    at = ground.sentence_of(word)
    return at >= 0 and ground.sentences[at].start >= ground.words[word].start - 1


def _when_or_where_said(ground: Ground, cues: Cues, first: int, last: int, *, where: bool) -> bool:
    """Whether a phrase tells the time of saying, or the text in which it was said."""
    return any(
        ground.folded(one) in cues.adverbs
        or ground.folded(one).isdigit()
        or (where and cues.is_document(ground.folded(one)))
        or (where and ground.folded(one) in cues.occasions)
        for one in range(first, last + 1)
    )


def kind_of(ground: Ground, cues: Cues, first: int, last: int) -> Speaker:
    """What sort of speaker a phrase names."""
    if ground.folded(first) in cues.pronouns or (first == last and ground.folded(first) == IT):
        return "pronoun"
    head = first
    while (
        head < last
        and ground.folded(head + 1) not in cues.joining
        and not _is_small(cues, ground.folded(head + 1))
    ):
        head += 1
    if cues.is_document(ground.folded(head)):
        return "document"
    return "noun" if ground.folded(first) in cues.determiners else "name"
