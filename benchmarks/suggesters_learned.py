"""Measure learned suggesters on the development data beside the repository (``../shared/rhetoric``). By hand:

    python benchmarks/suggesters_learned.py [--data DIR] [--seed N] [--without-vectors]
        [--only claims|subjectivity|parallel|speed|curve]

ClaimBuster (Arslan et al. 2020): 4 folds, stratified, shuffled by the seed; average precision over all
folds' scores together, and the precision where recall reaches 50 %. Subjectivity (CheckThat! 2023, task 2):
trained on the train files, macro-F1 on the dev files; "both" learns from German and English together,
"en only" sees German texts (for the centre of the language), but no German label. Parallel sentences (UD
PUD): share of English sentences whose partner is the nearest German one. Recipes, scales and thresholds are
chosen by cross-validation inside the training data. The learning curve cuts ClaimBuster into pseudo-documents
of 20 sentences: average precision and F1 at the model's own threshold on 1,000 other sentences, the mean of
three draws of documents, beside what marking every sentence gets. None of the data is ours to ship, no
model is kept.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import spacy

from annotate.nlp.learning.centres import centred_each, centres_of
from annotate.nlp.learning.encoder import MEANING, encoder_name, vectors
from annotate.nlp.learning.features import Terms, see
from annotate.nlp.learning.fitting import one_core, train
from annotate.nlp.learning.measures import average_precision, precision_at_recall
from annotate.nlp.learning.saving import Part, Saved
from annotate.nlp.learning.teaching import pipeline_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "rhetoric"
LABEL = "X"
PARTS = ("claims", "subjectivity", "parallel", "speed", "curve")


def rows(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines() if line]


def stratified(truth, seed, count=4):
    """Fold of each row: classes dealt out evenly in random order."""
    chance = np.random.default_rng(seed)
    fold = np.zeros(len(truth), dtype=int)
    for value in (True, False):
        mine = chance.permutation(np.flatnonzero(truth == value))
        fold[mine] = np.arange(len(mine)) % count
    return fold


def learned(texts, own, truth, seed, neighbours=1):
    """Train; ``neighbours`` rows of a file stay together in the inner folds, as if from one article."""
    terms = Terms.of(texts)
    seen = see(texts, terms, own)
    groups = [str(at // neighbours) for at in range(len(texts))]
    model = train(terms, seen, {LABEL: truth}, groups, seed=seed)
    return terms, model


def judged(terms, model, texts, own):
    return model.probabilities(see(texts, terms, own))[LABEL]


def macro_f1(guess, truth):
    def f1(one):
        hits = (guess == one) & (truth == one)
        return 2 * hits.sum() / ((guess == one).sum() + (truth == one).sum())

    return float((f1(True) + f1(False)) / 2)


def centred(texts, languages):
    found = vectors(texts)
    return centred_each(found, centres_of(found, languages), languages)


def claims(folder, seed, encode, limit=None):
    """(average precision, precision at recall 50 %) on ClaimBuster."""
    found = rows(folder, "claimbuster-train")
    if limit:
        found = found[:: max(1, len(found) // limit)]
    texts = [row["text"] for row in found]
    truth = np.array([bool(row["check_worthy"]) for row in found])
    own = centred(texts, ["en"] * len(texts)) if encode else None
    fold, scores = stratified(truth, seed), np.zeros(len(truth))
    for number in range(4):
        learn, out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        mine = None if own is None else own[learn]
        terms, model = learned([texts[at] for at in learn], mine, truth[learn], seed)
        theirs = None if own is None else own[out]
        scores[out] = judged(terms, model, [texts[at] for at in out], theirs)
    return average_precision(scores, truth), precision_at_recall(scores, truth)


def subjectivity(folder, seed, encode):
    """Macro-F1 by (trained on, tested on)."""
    found = {}
    for language in ("de", "en"):
        for part in ("train", "dev"):
            own = rows(folder, f"subjectivity-{language}-{part}")
            found[language, part] = (
                [row["text"] for row in own],
                np.array([bool(row["subjective"]) for row in own]),
            )
    centres = {}
    if encode:
        texts = [text for one in ("de", "en") for text in found[one, "train"][0]]
        languages = [one for one in ("de", "en") for _ in found[one, "train"][0]]
        centres = centres_of(vectors(texts), languages)

    def own(language, part):
        if not encode:
            return None
        texts = found[language, part][0]
        return centred_each(vectors(texts), centres, [language] * len(texts))

    results = {}
    for name, taught, tested in (
        ("de", ("de",), ("de",)),
        ("en", ("en",), ("en",)),
        ("both", ("de", "en"), ("de", "en")),
        ("en only", ("en",), ("de",)),
    ):
        texts = [text for one in taught for text in found[one, "train"][0]]
        truth = np.concatenate([found[one, "train"][1] for one in taught])
        mine = np.vstack([own(one, "train") for one in taught]) if encode else None
        terms, model = learned(texts, mine, truth, seed, neighbours=20)
        label = model.labels[LABEL]
        for one in tested:
            test, wanted = found[one, "dev"]
            scores = judged(terms, model, test, own(one, "dev"))
            # Both classes weigh the same in macro-F1: the head's own balance, not the label's best F1.
            even = label.scale(np.zeros(1))[0]
            results[name, one] = (
                macro_f1(scores >= even, wanted),
                macro_f1(scores >= label.threshold, wanted),
                average_precision(scores, wanted),
                model.features.recipe,
            )
    return results


def curve(folder, seed, encode, sizes=(5, 10, 20, 40), draws=3, held=1_000):
    """Rows of (documents, average precision, F1, and both of marking everything), each the mean of draws."""
    found = rows(folder, "claimbuster-train")
    order = np.random.default_rng(seed).permutation(len(found))[: held + draws * sizes[-1] * 20]
    texts = [found[at]["text"] for at in order]
    truth = np.array([bool(found[at]["check_worthy"]) for at in order])
    own = centred(texts, ["en"] * len(texts)) if encode else None
    test, wanted = texts[:held], truth[:held]
    share = float(wanted.mean())
    for size in sizes:
        results = []
        for draw in range(draws):
            start = held + draw * sizes[-1] * 20
            mine = slice(start, start + size * 20)
            vectors_of = None if own is None else own[mine]
            terms, model = learned(texts[mine], vectors_of, truth[mine], seed, neighbours=20)
            scores = judged(terms, model, test, None if own is None else own[:held])
            chosen = scores >= model.labels[LABEL].threshold
            f1 = 2 * (chosen & wanted).sum() / (chosen.sum() + wanted.sum())
            results.append((average_precision(scores, wanted), f1))
        yield size, *np.mean(results, axis=0).tolist(), share, 2 * share / (1 + share)


def parallel(folder):
    """Share of English sentences whose nearest German one is the right one."""
    found = rows(folder, "parallel-en-de")
    english, german = vectors([row["en"] for row in found]), vectors([row["de"] for row in found])
    english, german = english[:, :MEANING], german[:, :MEANING]
    return float((np.argmax(english @ german.T, axis=1) == np.arange(len(found))).mean())


def speed(folder, seed, encode):
    """(sentences a core-second, megabytes that 5,000 more sentences took) of the component on passages."""
    found = rows(folder, "claimbuster-train")
    texts = [row["text"] for row in found]
    part = texts[::8]
    truth = np.array([bool(row["check_worthy"]) for row in found])[::8]
    own = vectors(part) if encode else None
    _, model = learned(part, own, truth, seed)
    saved = Saved((Part("claims", "sentence", model),), encoder_name() if encode else "", {})
    nlp = pipeline_of(saved, "speed", "1")
    passages = [" ".join(texts[at : at + 4]) for at in range(0, len(texts), 4)]
    list(nlp.pipe(passages[:20]))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    for _ in nlp.pipe(passages[: len(texts) // 4]):
        pass
    spent = time.process_time() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return len(texts) / spent, (after - before) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--without-vectors", action="store_true")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        sys.exit(f"{asked.data} is not there: this benchmark needs the development data")
    encode = bool(encoder_name()) and not asked.without_vectors
    print(f"vectors: {encoder_name() if encode else 'none'}; spaCy {spacy.__version__}; seed {asked.seed}")
    wanted = asked.only or PARTS
    with one_core():
        if "claims" in wanted:
            began = time.process_time()
            ap, precision = claims(asked.data, asked.seed, encode)
            spent = time.process_time() - began
            print(
                f"ClaimBuster, 4-fold: average_precision_score {ap:.3f}, "
                f"precision at recall 50 % {precision:.3f} ({spent:.0f} core-seconds)",
                flush=True,
            )
        if "subjectivity" in wanted:
            found = subjectivity(asked.data, asked.seed, encode)
            for (taught, tested), (even, best, ap, recipe) in found.items():
                print(
                    f"subjectivity, trained on {taught}, {tested}: macro-F1 {even:.3f} (at the class's own "
                    f"threshold {best:.3f}), average precision {ap:.3f}; {recipe}",
                    flush=True,
                )
        if "parallel" in wanted and encode:
            print(f"parallel sentences: right partner first {parallel(asked.data):.3f}", flush=True)
        if "curve" in wanted:
            for size, ap, f1, share, everything in curve(asked.data, asked.seed, encode):
                print(
                    f"{size} documents of 20 sentences: average precision {ap:.3f} (everything {share:.3f}), "
                    f"F1 {f1:.3f} (everything {everything:.3f})",
                    flush=True,
                )
        if "speed" in wanted:
            rate, grown = speed(asked.data, asked.seed, encode)
            print(
                f"speed: {rate:.0f} sentences a core-second, peak memory grew by {grown:.0f} MB", flush=True
            )


if __name__ == "__main__":
    main()
