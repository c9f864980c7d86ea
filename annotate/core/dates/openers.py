"""Which rules of a grammar can begin with a word.

Nearly all words of a text begin no rule, and a word that begins one begins few. So a search need not try
every rule at every place: it asks once for each word (and remembers) which rules are left.

The rules' outlines (``Lexicon.outline``) are read as an automaton that takes a word letter by letter; its
states are made when they are first needed. What it cannot follow (a back reference, a look around) it takes
for possible: it may name a rule too many, never one too few. It knows how Python's own parser of regular
expressions spells a pattern, which is no public interface; a test compares its answers with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from annotate.core.dates.lexicon import Trie

_MOST_STATES = 20_000
_BLANKS = " \t\n\r\x0b\x0c\u00a0\u2009\u202f\u3000\u0308"
_ZERO_WIDTH = frozenset([ops.ASSERT, ops.ASSERT_NOT, ops.AT])
_REPEATS = frozenset([ops.MAX_REPEAT, ops.MIN_REPEAT])
_TRIE = "trie"
_WORD_BLANK = "blank in a word of a list"
_ONE_CHARACTER = frozenset([ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN, _WORD_BLANK])
_CATEGORIES: Mapping[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdecimal,
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    ops.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    ops.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
}
_FIGURES, _LETTERS, _OTHER = "figures", "letters", "other"
_LONGEST_RANGE = 0x300

_Item = tuple[Any, Any]
"""A piece of a pattern as the parser gives it: what it is, and its argument."""


class _Rest(NamedTuple):
    """What of a rule is still to come: ``items`` from ``at`` on, then ``then``."""

    items: Sequence[_Item]
    at: int
    then: _Rest | None


class _Step(NamedTuple):
    """A character that rule ``rule`` takes next (as the parser spells it), and what comes after it."""

    rule: int
    takes: _Item
    after: _Rest


class _State:
    """Where a word's letters have led: steps that are possible, rules that need no more of the word."""

    __slots__ = ("done", "left", "next", "steps")

    def __init__(self, done: frozenset[int], steps: tuple[_Step, ...]) -> None:
        self.done = done
        self.steps = steps
        self.next: dict[str, _State] = {}
        self.left: dict[str, frozenset[int]] = {}


_DEAD = _State(frozenset(), ())


class Openers:
    """The openers of some rules, given by their outlines. Safe to share: it grows within a bound."""

    def __init__(self, outlines: Iterable[str], tries: Mapping[str, Trie]) -> None:
        self._tries = {ord(sign): trie for sign, trie in tries.items()}
        self._rests = [_Rest(_parser.parse(outline), 0, None) for outline in outlines]
        self._begin()
        # Nobody asks about blanks, so no rule may begin with one.
        self.with_blanks: frozenset[int] = frozenset().union(*(self.rules(blank) for blank in _BLANKS))

    def rules(self, word: str) -> frozenset[int]:
        """Numbers of the rules that can match where ``word`` stands.

        A word is a run of letters or of figures as long as it gets, or any other single character.
        """
        if self._made > _MOST_STATES:  # hostile texts
            self._begin()
        state = self._first
        found = state.done
        for character in word:
            state = state.next.get(character) or self._step(state, character)
            if state is _DEAD:
                return found
            found |= state.done
        return found | self._goes_on(state, _kind(word))

    def _begin(self) -> None:
        self._made = 0
        self._first = self._state((rule, rest) for rule, rest in enumerate(self._rests))

    def _state(self, rests: Iterable[tuple[int, _Rest | None]]) -> _State:
        self._made += 1
        done: set[int] = set()
        steps: list[_Step] = []
        for rule, rest in rests:
            for takes, after in self._possible(rest):
                if after is None:
                    done.add(rule)
                else:
                    steps.append(_Step(rule, takes, after))
        return _State(frozenset(done), tuple(steps)) if done or steps else _DEAD

    def _step(self, state: _State, character: str) -> _State:
        taken = ((one.rule, one.after) for one in state.steps if _takes(one.takes, character))
        state.next[character] = after = self._state(taken)
        return after

    def _goes_on(self, state: _State, kind: str) -> frozenset[int]:
        """Rules that want more: what stands behind a word is no letter, behind figures no figure."""
        if kind not in state.left:
            left = (one.rule for one in state.steps if _takes_beyond(one.takes, kind))
            state.left[kind] = frozenset(left)
        return state.left[kind]

    def _possible(self, rest: _Rest | None) -> Iterator[tuple[_Item, _Rest | None]]:
        """What can be taken next; None after it where nothing more is needed, or where it is not known."""
        if rest is None:
            yield (ops.SUCCESS, None), None
            return
        if rest.at == len(rest.items):
            yield from self._possible(rest.then)
            return
        what, argument = rest.items[rest.at]
        after = _Rest(rest.items, rest.at + 1, rest.then)
        if what is ops.LITERAL and argument in self._tries:
            yield from self._possible(_Rest([(_TRIE, self._tries[argument])], 0, after))
        elif what in _ONE_CHARACTER:
            yield (what, argument), after
        elif what in _ZERO_WIDTH:
            yield from self._possible(after)
        else:
            for inner in _inside(what, argument, after):
                yield from self._possible(inner)


def _inside(what: Any, argument: Any, after: _Rest) -> Iterator[_Rest | None]:  # noqa: ANN401 - the parser's
    """The ways through a group, a choice, a repetition or a list of words."""
    if what is ops.SUBPATTERN and argument[1] in (0, re.MULTILINE):  # that flag changes no letters
        yield _Rest(argument[3], 0, after)
    elif what is ops.BRANCH:
        yield from (_Rest(one, 0, after) for one in argument[1])
    elif what in _REPEATS:
        least, most, body = argument
        if not least:
            yield after
        if most:
            again = (what, (max(0, least - 1), most if most is ops.MAXREPEAT else most - 1, body))
            yield _Rest(body, 0, _Rest([again], 0, after))
    elif what is _TRIE:
        for character, more in argument.items():
            if not character:
                yield after
            else:
                taken = (_WORD_BLANK, None) if character == " " else (ops.LITERAL, ord(character))
                yield _Rest([taken, (_TRIE, more)], 0, after)
    else:
        yield None


def _kind(word: str) -> str:
    if "0" <= word[0] <= "9":
        return _FIGURES
    return _LETTERS if word[0].isalnum() and not word[0].isdecimal() else _OTHER


def _takes(item: _Item, character: str) -> bool:
    """Whether a place of a pattern takes a character; True where that is not known."""
    what, argument = item
    if what is ops.LITERAL:
        return bool(argument == ord(character))
    if what is ops.NOT_LITERAL:
        return bool(argument != ord(character))
    if what is _WORD_BLANK:
        return character.isspace()
    if what is not ops.IN:
        return True
    unlike = argument[0][0] is ops.NEGATE
    return unlike != any(_is_member(member, character, unlike) for member in argument[unlike:])


def _is_member(member: _Item, character: str, unlike: bool) -> bool:
    what, argument = member
    if what is ops.LITERAL:
        return bool(argument == ord(character))
    if what is ops.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    category = _CATEGORIES.get(argument)
    return not unlike if category is None else category(character)


def _takes_beyond(item: _Item, kind: str) -> bool:
    """Whether a place of a pattern takes a character of another kind."""
    what, argument = item
    if kind == _OTHER:
        return True
    if what is ops.LITERAL:
        return _kind(chr(argument)) != kind
    if what is not ops.IN or argument[0][0] is ops.NEGATE:
        return True
    return any(_member_beyond(member, kind) for member in argument)


def _member_beyond(member: _Item, kind: str) -> bool:
    what, argument = member
    if what is ops.LITERAL:
        return _kind(chr(argument)) != kind
    if what is ops.RANGE and argument[1] - argument[0] < _LONGEST_RANGE:
        return any(_kind(chr(one)) != kind for one in range(argument[0], argument[1] + 1))
    return True
