"""Questions to a parsed text: whose verb is it, what does it say, how far does a noun phrase or a clause go.

Token numbers in, token numbers or code points out; None where the parse does not say.
"""

from __future__ import annotations

from annotate.core.prose.syntax import NOMINAL, VERBAL, Syntax

_HOPS = 8
_LONGEST = 30
"""Tokens: what is longer is no name of a speaker but a slip of the parser."""
_SUBJECTS = frozenset({"subject"})
_OUTSIDE = frozenset({"case", "marker", "coordinator", "punctuation"})
_SHARES = frozenset({"conjunct", "coordinator", "open clause", "cluster", "adverbial clause"})
_QUOTES = frozenset("\"'“”„‚‘’«»‹›")


def subject(syntax: Syntax, verb: int) -> int | None:
    """The head of the subject of a verb: its own, that of the verb it goes with, or what a relative clause
    is about."""
    at = verb
    for _ in range(_HOPS):
        token = syntax.tokens[at]
        own = next((one for one in syntax.below[at] if syntax.tokens[one].role in _SUBJECTS), None)
        if own is not None:
            relative = syntax.tokens[own].kind not in ("noun", "name") and _in_relative_clause(syntax, at)
            return _antecedent(syntax, at) if relative else own
        shared = token.role in _SHARES and not (token.role == "adverbial clause" and token.form == "finite")
        if not shared or token.head == at:
            return None
        if token.role != "coordinator" and passive(syntax, at):
            return None
        at = token.head
    return None


def _in_relative_clause(syntax: Syntax, verb: int) -> bool:
    return syntax.tokens[verb].role == "relative clause"


def _antecedent(syntax: Syntax, verb: int) -> int | None:
    head = syntax.tokens[verb].head
    return head if syntax.tokens[head].kind in ("noun", "name", "pronoun") else None


def passive(syntax: Syntax, verb: int) -> bool:
    """Whether a verb is a passive: who says it is named by an agent, or not at all."""
    if syntax.tokens[verb].role == "passive cluster":
        return True
    roles = {syntax.tokens[one].role for one in syntax.below[verb]}
    return bool(roles & {"passive auxiliary", "passive subject"})


def agent(syntax: Syntax, verb: int) -> int | None:
    """Head of the phrase that says by whom a passive is done."""
    for one in syntax.below[verb]:
        if syntax.tokens[one].role != "agent":
            continue
        if syntax.tokens[one].kind in NOMINAL:
            return one
        inner = (below for below in syntax.below[one] if syntax.tokens[below].kind in NOMINAL)
        return next(inner, None)
    return None


def owner(syntax: Syntax, noun: int) -> int | None:
    """Whose claim it is: "the claim of the ministry", "Vesk's claim", "die Behauptung des Ministers"."""
    for one in syntax.below[noun]:
        if syntax.tokens[one].role == "genitive":
            if syntax.tokens[one].kind in NOMINAL:
                return one
            return next((two for two in syntax.below[one] if syntax.tokens[two].kind in NOMINAL), None)
    return None


def phrase(syntax: Syntax, head: int) -> tuple[int, int] | None:
    """The noun phrase of a head as code points: up to the comma that parts what is only added to it."""
    tokens = syntax.tokens
    left, right = syntax.edges[head]
    for one in syntax.below[head]:
        if one < head and tokens[one].role in _OUTSIDE:
            left = max(left, syntax.edges[one][1] + 1)
    while left < head and tokens[left].role in _OUTSIDE:
        left += 1
    last = _last_of_phrase(syntax, head, right)
    if last - left >= _LONGEST:
        return None
    return tokens[left].start, tokens[last].end


def _last_of_phrase(syntax: Syntax, head: int, right: int) -> int:
    tokens = syntax.tokens
    at = head
    while at < min(right, head + _LONGEST - 1):
        following = tokens[at + 1]
        sign = following.kind == "punctuation" or following.role == "punctuation"
        if following.role == "noun clause" and following.form == "participle":
            break  # "a paper issued by the cabinet": the shortest form of a source
        if sign and not _goes_on(syntax, at + 1, head, right):
            break
        if not sign and not _is_below(syntax, at + 1, head):
            break
        at += 1
    while at > head and (tokens[at].kind == "punctuation" or tokens[at].role in ("coordinator", "case")):
        at -= 1
    return at


def _goes_on(syntax: Syntax, sign: int, head: int, right: int) -> bool:
    """Whether a sign stands inside a phrase: in a name, a hyphen, or between the parts of a list."""
    tokens = syntax.tokens
    if sign >= right:
        return False
    named = syntax.named_at(tokens[sign].start, tokens[sign].end)
    if named is not None and named.end > tokens[sign].end:
        return True
    if tokens[sign - 1].end == tokens[sign].start and tokens[sign + 1].start == tokens[sign].end:
        return True  # a hyphen
    after = _top(syntax, sign + 1, head)
    return after is not None and tokens[after].role == "conjunct" and tokens[after].kind in NOMINAL


def _top(syntax: Syntax, at: int, head: int) -> int | None:
    """The conjunct below ``head`` that begins at a token; else None."""
    for _ in range(_HOPS):
        if syntax.tokens[at].role == "conjunct":
            return at
        above = syntax.tokens[at].head
        if above in (at, head):
            return None
        at = above
    return None


def _is_below(syntax: Syntax, at: int, head: int) -> bool:
    for _ in range(_LONGEST):
        if at == head:
            return True
        above = syntax.tokens[at].head
        if above == at:
            return False
        at = above
    return False


def phrase_from(syntax: Syntax, start: int) -> tuple[int, int] | None:
    """The widest noun phrase that begins at a code point."""
    at = syntax.at(start)
    widest: tuple[int, int] | None = None
    for _ in range(_HOPS):
        token = syntax.tokens[at]
        if token.kind in NOMINAL:
            found = phrase(syntax, at)
            if found is not None and found[0] == start and (widest is None or found[1] > widest[1]):
                widest = found
        if token.head == at or token.kind in VERBAL:
            break
        at = token.head
    return widest


def is_finite(syntax: Syntax, head: int) -> bool:
    """Whether a token heads a finite clause: it is finite itself, or an auxiliary of it is."""
    token = syntax.tokens[head]
    if (
        token.role in ("auxiliary", "passive auxiliary")
        and token.kind != "verb"
        and not _is_german_root(syntax, head)
    ):
        return False
    if token.form == "finite" and token.kind in VERBAL:
        return True
    return any(
        syntax.tokens[one].form == "finite" and syntax.tokens[one].role in ("auxiliary", "passive auxiliary")
        for one in syntax.below[head]
    )


def _is_german_root(syntax: Syntax, head: int) -> bool:
    """TIGER: an auxiliary that has the main verb below it."""
    return any(syntax.tokens[one].role in ("cluster", "passive cluster") for one in syntax.below[head])


def has_subject(syntax: Syntax, head: int) -> bool:
    """Whether a verb has a subject of its own."""
    return any(syntax.tokens[one].role in ("subject", "passive subject") for one in syntax.below[head])
