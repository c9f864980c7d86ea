"""Read the annotations of a trained pipeline off a Doc, as ``annotate.core.prose.syntax.Syntax``.

Three sets of labels are understood: Universal Dependencies (most of spaCy's pipelines), ClearNLP's (its
English ones) and TIGER's (its German ones). What a Doc does not have is not guessed.
"""

from __future__ import annotations

from functools import lru_cache

from spacy.tokens import Doc
from spacy.tokens import Token as SpacyToken

from annotate.core.prose.syntax import Entity, EntityKind, Form, Kind, Mood, Role, Syntax, Token

_KINDS: dict[str, Kind] = {
    "VERB": "verb",
    "AUX": "auxiliary",
    "NOUN": "noun",
    "PROPN": "name",
    "PRON": "pronoun",
    "ADJ": "adjective",
    "PUNCT": "punctuation",
}
_TAGS: tuple[tuple[str, Kind], ...] = (
    ("VA", "auxiliary"),
    ("VM", "auxiliary"),
    ("MD", "auxiliary"),
    ("V", "verb"),
    ("NNP", "name"),
    ("NE", "name"),
    ("NN", "noun"),
    ("PRP$", "other"),
    ("PRP", "pronoun"),
    ("WP", "pronoun"),
    ("PPER", "pronoun"),
    ("PRELS", "pronoun"),
    ("PDS", "pronoun"),
    ("PIS", "pronoun"),
    ("PWS", "pronoun"),
    ("JJ", "adjective"),
    ("ADJ", "adjective"),
    ("$", "punctuation"),
)
"""Beginnings of Penn Treebank and STTS tags, for pipelines that give no coarse part of speech."""

_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_PARTICIPLES = frozenset({"VBN", "VBG", "VVPP", "VAPP", "VMPP"})
_FORMS: dict[str, Form] = {"Fin": "finite", "Inf": "infinitive", "Part": "participle", "Ger": "participle"}
_SHARED: dict[str, Role] = {
    "ROOT": "root",
    "root": "root",
    "nsubj": "subject",
    "csubj": "subject",
    "nsubj:pass": "passive subject",
    "csubj:pass": "passive subject",
    "nsubjpass": "passive subject",
    "csubjpass": "passive subject",
    "obl:agent": "agent",
    "agent": "agent",
    "obj": "object",
    "dobj": "object",
    "iobj": "object",
    "dative": "object",
    "ccomp": "clause",
    "xcomp": "open clause",
    "advcl": "adverbial clause",
    "acl": "noun clause",
    "acl:relcl": "relative clause",
    "relcl": "relative clause",
    "conj": "conjunct",
    "cc": "coordinator",
    "mark": "marker",
    "case": "case",
    "nmod:poss": "genitive",
    "poss": "genitive",
    "appos": "apposition",
    "parataxis": "aside",
    "aux": "auxiliary",
    "cop": "auxiliary",
    "aux:pass": "passive auxiliary",
    "auxpass": "passive auxiliary",
    "amod": "attribute",
    "punct": "punctuation",
}
_TIGER: dict[str, Role] = {
    "ROOT": "root",
    "sb": "subject",
    "sbp": "agent",
    "oa": "object",
    "da": "object",
    "og": "object",
    "oc": "clause",
    "rs": "clause",
    "re": "clause",
    "rc": "relative clause",
    "cj": "conjunct",
    "cd": "coordinator",
    "cp": "marker",
    "ag": "genitive",
    "pg": "genitive",
    "app": "apposition",
    "par": "aside",
    "punct": "punctuation",
}
_ONLY_TIGER = frozenset({"sb", "nk", "oc", "mo", "cj", "cd", "oa", "rs"})
_OF = frozenset({"of", "de", "du", "des", "del", "d'", "d’", "von", "vom"})
_WERDEN = frozenset(
    {"wird", "werden", "wurde", "wurden", "werde", "würde", "würden", "worden", "wirst", "werdet"}
)
_ENTITIES: dict[str, EntityKind] = {
    "PERSON": "person",
    "PER": "person",
    "PS": "person",
    "ORG": "group",
    "NORP": "group",
    "OG": "group",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "LC": "place",
}


def syntax_of(doc: Doc) -> Syntax | None:
    """What a Doc was annotated with; None where no trained component wrote into it."""
    parsed = bool(doc.has_annotation("DEP"))
    tagged = bool(doc.has_annotation("POS") or doc.has_annotation("TAG"))
    moods, named = bool(doc.has_annotation("MORPH")), bool(doc.has_annotation("ENT_IOB"))
    if not (parsed or tagged or moods or named):
        return None
    return _read(doc, parsed, tagged, moods, named)


# Several components ask about one Doc in turn: the last one is kept, under what it was annotated with.
@lru_cache(maxsize=1)
def _read(doc: Doc, parsed: bool, tagged: bool, moods: bool, named: bool) -> Syntax:
    tiger = parsed and any(token.dep_ in _ONLY_TIGER for token in doc)
    return Syntax.of(
        [_token(token, parsed=parsed, tiger=tiger) for token in doc],
        [Entity(one.start_char, one.end_char, _ENTITIES.get(one.label_, "other")) for one in doc.ents],
        parsed=parsed,
        tagged=tagged,
        moods=moods,
        named=named,
    )


def _token(token: SpacyToken, *, parsed: bool, tiger: bool) -> Token:
    kind, form = _kind(token), _form(token)
    role = _role(token, kind, form, tiger=tiger) if parsed else "other"
    return Token(token.idx, token.idx + len(token), token.head.i, role, kind, form, _mood(token))


def _kind(token: SpacyToken) -> Kind:
    if token.pos:
        return _KINDS.get(token.pos_, "other")
    return next(
        (kind for begins, kind in _TAGS if token.tag_.startswith(begins)), "other" if token.tag else ""
    )


def _form(token: SpacyToken) -> Form:
    told = token.morph.get("VerbForm", [])
    if told:
        return _FORMS.get(told[0], "")
    tag = token.tag_
    if tag in _FINITE or tag.endswith("FIN"):
        return "finite"
    return "participle" if tag in _PARTICIPLES else ""


def _mood(token: SpacyToken) -> Mood:
    told = token.morph.get("Mood", [])
    if not told:
        return ""
    if told[0] != "Sub":
        return "other"
    return "second subjunctive" if "Past" in token.morph.get("Tense", []) else "subjunctive"


def _role(token: SpacyToken, kind: Kind, form: Form, *, tiger: bool) -> Role:
    dep = token.dep_
    if tiger:
        if dep == "oc" and token.head.pos_ == "AUX" and form != "finite":
            return "passive cluster" if _is_passive(token, form) else "cluster"
        return _TIGER.get(dep, "other")
    if dep == "prep" and token.lower_ in _OF:
        return "genitive"
    if dep == "nmod" and any(one.lower_ in _OF for one in token.lefts):
        return "genitive"
    role = _SHARED.get(dep)
    if role is None:
        role = _SHARED.get(dep.partition(":")[0], "other")
    return "attribute" if role == "noun clause" and kind == "adjective" else role


def _is_passive(token: SpacyToken, form: Form) -> bool:
    return form == "participle" and token.head.lower_ in _WERDEN
