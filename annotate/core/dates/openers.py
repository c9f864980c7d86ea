"""Which rules of a grammar can begin at a place of a text.

Nearly all words of a text begin no rule, and a word that begins one begins few. So a search need not try
every rule at every place: it walks over a few characters and sees which rules are left.

The rules' outlines (``Lexicon.outline``) are read as an automaton that takes one character after the other;
its states are made when they are first needed. What it cannot follow (a back reference, a look around) it
takes for possible: it may name a rule too many, never one too few. It knows how Python's own parser of
regular expressions spells a pattern, which is no public interface; a test compares it with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from annotate.core.dates.lexicon import Trie

_MOST_STATES = 20_000
_ANYWHERE = ("ǂǂǂ ", "ǂǂǂǂǂ-", " ", "\n", "\t", "\u00a0", "\u3000", "\u0308", "7ǂ", "_")
"""What begins a rule that can begin with nearly anything: a word that no list has, a blank, a mark."""
_TRIE = "trie"
_WORD_BLANK = "blank in a word of a list"
_ANYTHING = "anything"
_DONE: Sequence[tuple[Any, Any]] = [(_ANYTHING, None)]
"""What comes after the end of a rule."""
_ONE_CHARACTER = frozenset([ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN, _WORD_BLANK])
_ZERO_WIDTH = frozenset([ops.ASSERT, ops.ASSERT_NOT, ops.AT])
_REPEATS = frozenset([ops.MAX_REPEAT, ops.MIN_REPEAT])
_CATEGORIES: Mapping[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdecimal,
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    ops.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    ops.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
}

_Item = tuple[Any, Any]
"""A piece of a pattern as the parser gives it: what it is, and its argument."""


class _Rest:
    """What of a rule is still to come: ``items`` from ``at`` on, then ``then``. There is one of each."""

    __slots__ = ("at", "items", "rule", "steps", "then")

    def __init__(self, rule: int, items: Sequence[_Item], at: int, then: _Rest | None) -> None:
        self.rule = rule
        self.items = items
        self.at = at
        self.then = then
        self.steps: tuple[tuple[_Item, _Rest], ...] | None = None


class State:
    """Where some characters have led. ``rules``: numbers of those that can match; ``settled``: more
    characters change nothing."""

    __slots__ = ("next", "rests", "rules", "settled")

    def __init__(self, rests: frozenset[_Rest]) -> None:
        self.rests = rests
        self.rules = tuple(sorted({rest.rule for rest in rests}))
        self.settled = all(rest.items is _DONE for rest in rests)
        self.next: dict[str, State] = {}


class Openers:
    """The openers of some rules, given by their outlines. Safe to share: it grows within a bound.

    ``anywhere`` are numbers of rules that can begin with nearly any word, or with a blank: no word tells
    where these begin, so states leave them out.
    """

    def __init__(self, outlines: Iterable[str], tries: Mapping[str, Trie]) -> None:
        self._tries = {ord(sign): trie for sign, trie in tries.items()}
        self._parsed: list[Sequence[_Item]] = [_parser.parse(outline) for outline in outlines]
        self.anywhere: frozenset[int] = frozenset()
        self.clear()
        self.anywhere = frozenset(rule for text in _ANYWHERE for rule in self.after(text).rules)
        self.clear()

    def needs(self, rule: int) -> frozenset[str]:
        """Characters without which a rule cannot match: those that its pattern has outside of all groups."""
        plain = (argument for what, argument in self._parsed[rule] if what is ops.LITERAL)
        return frozenset(chr(one) for one in plain if one not in self._tries)

    def clear(self) -> None:
        """Forget all states."""
        self._made: dict[tuple[int, ...], list[_Item]] = {}
        self._rests: dict[tuple[int, int, int, int], _Rest] = {}
        self._states: dict[frozenset[_Rest], State] = {}
        every = enumerate(self._parsed)
        self._first = self._state(
            self._rest(rule, parsed, 0, None) for rule, parsed in every if rule not in self.anywhere
        )

    def after(self, text: str) -> State:
        """The state after a text, from the beginning of a rule."""
        if len(self._states) > _MOST_STATES:  # hostile texts
            self.clear()
        return self.walk(self._first, text)

    def walk(self, state: State, text: str) -> State:
        """The state after some more text."""
        for character in text:
            state = state.next.get(character) or self.step(state, character)
            if state.settled:
                break
        return state

    def step(self, state: State, character: str) -> State:
        """The state that a character leads to."""
        found = self._state(
            after
            for rest in state.rests
            for item, after in rest.steps or self._steps(rest)
            if _takes(item, character)
        )
        state.next[character] = found
        return found

    def _state(self, rests: Iterable[_Rest]) -> State:
        key = frozenset(rests)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = State(key)
        return found

    def _rest(self, rule: int, items: Sequence[_Item], at: int, then: _Rest | None) -> _Rest:
        key = (rule, id(items), at, id(then))
        found = self._rests.get(key)
        if found is None:
            found = self._rests[key] = _Rest(rule, items, at, then)
        return found

    def _more(self, trie: Trie) -> list[_Item]:
        """What is left of a list of words; the same list each time, as the parser's own are."""
        return self._made.setdefault((id(trie),), [(_TRIE, trie)])

    def _steps(self, rest: _Rest) -> tuple[tuple[_Item, _Rest], ...]:
        rest.steps = found = tuple(self._possible(rest))
        return found

    def _possible(self, rest: _Rest) -> Iterator[tuple[_Item, _Rest]]:
        """What can be taken next, and what is still to come then."""
        if rest.at == len(rest.items):
            yield from self._possible(rest.then or self._rest(rest.rule, _DONE, 0, None))
            return
        what, argument = item = rest.items[rest.at]
        after = self._rest(rest.rule, rest.items, rest.at + 1, rest.then)
        if what is _ANYTHING:
            yield item, rest
        elif what is ops.LITERAL and argument in self._tries:
            yield from self._of_trie(self._tries[argument], after)
        elif what is _TRIE:
            yield from self._of_trie(argument, after)
        elif what in _ONE_CHARACTER:
            yield item, after
        else:
            for inner in self._inside(what, argument, after):
                yield from self._possible(inner)

    def _of_trie(self, trie: Trie, after: _Rest) -> Iterator[tuple[_Item, _Rest]]:
        for character, more in trie.items():
            if not character:
                yield from self._possible(after)
                continue
            item = (_WORD_BLANK, None) if character == " " else (ops.LITERAL, ord(character))
            yield item, self._rest(after.rule, self._more(more), 0, after)

    def _inside(self, what: Any, argument: Any, after: _Rest) -> Iterator[_Rest]:  # noqa: ANN401 - the parser's
        """The ways through a group, a choice or a repetition; what is not known ends all."""
        if what in _ZERO_WIDTH:
            yield after
        elif what is ops.SUBPATTERN and argument[1] in (0, re.MULTILINE):  # that flag changes no letters
            yield self._rest(after.rule, argument[3], 0, after)
        elif what is ops.BRANCH:
            yield from (self._rest(after.rule, one, 0, after) for one in argument[1])
        elif what in _REPEATS:
            least, most, body = argument
            if not least:
                yield after
            if most:
                most = most if most is ops.MAXREPEAT else most - 1
                again = self._again((what, max(0, least - 1), most), body)
                yield self._rest(after.rule, body, 0, self._rest(after.rule, again, 0, after))
        else:
            yield self._rest(after.rule, _DONE, 0, None)

    def _again(self, how: tuple[Any, int, int], body: Sequence[_Item]) -> list[_Item]:
        what, least, most = how
        return self._made.setdefault((id(body), least, int(most)), [(what, (least, most, body))])


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
