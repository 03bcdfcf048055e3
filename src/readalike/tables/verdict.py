"""What a run says on each question: yes, no, cannot tell, or not asked here.

One way to ask was chosen for each question before anything was read, and no other one counts; that of reading times was
changed afterwards (docs/reading-times.md). Rules for the words: docs/reading-the-verdict.md.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from readalike.conditions import PLAIN
from readalike.files.contracts.verdict import VERDICT
from readalike.gaze.reading_times import FIRST_PASS
from readalike.measures.reading_times import OF_ENTROPY, OF_SURPRISAL
from readalike.statistics import conclusions as c
from readalike.statistics import conclusions_beyond as b
from readalike.statistics import conclusions_models as m
from readalike.statistics import reading_times as r
from readalike.statistics.best_layer import RULE
from readalike.statistics.scored import ALL, AT_ONCE, BEST
from readalike.statistics.skewness import Estimate, ends, p_above, p_below

Row = dict[str, Any]
YES, NO, CANNOT_TELL, NOT_ASKED = "yes", "no", "cannot tell", "not asked here"
SIGNIFICANT = 0.05
DIVERGENCE, READING = "divergence", "reading times"
QUESTIONS = {
    c.SIZE: "Does size raise resemblance?",
    c.TUNING: "Does instruction tuning change resemblance?",
    c.GROUPS: "Is attention closer to one group of readers?",
    c.BEYOND: "Does attention know more than word position, length and punctuation?",
    DIVERGENCE: "Is divergence between models above that of near-twins?",
    c.INSTRUCTIONS: "Is sensitivity to instructions above what near-twins differ by?",
    READING: "Does the entropy of attention predict how long words are read?",
}
# Questions without a direction: a difference either way is `yes`. Of the others only one above zero is.
EITHER_WAY = (c.TUNING, c.GROUPS, READING)
WHOLE = "held out, above shuffled"
# Scales of each question, the one that its answer goes by first.
SCALES = {
    **dict.fromkeys((c.SIZE, c.TUNING, c.GROUPS), (c.BEYOND_B2, AT_ONCE, WHOLE)),
    c.BEYOND: (c.BEYOND_B2, b.UNTRAINED, b.ABOVE_UNTRAINED, AT_ONCE, b.AT_ONCE_UNTRAINED, b.AT_ONCE_ABOVE_UNTRAINED),
    DIVERGENCE: ("above near-twins",),
    c.INSTRUCTIONS: (m.REFERENCE, m.EXCESS),
    READING: (OF_ENTROPY, OF_SURPRISAL),
}
WHY_NOT = {
    c.SIZE: "no models of different sizes are compared on these readers",
    c.TUNING: "no base model with its tuned one",
    c.GROUPS: "no two groups of readers are contrasted",
    c.BEYOND: "no group with saccades on a corpus with text",
    DIVERGENCE: "no pairs of models, or no near-twins as reference",
    c.INSTRUCTIONS: "no base and tuned model behind an instruction, or no near-twins as reference",
    READING: "reading_times is not asked for, or no group with saccades on a corpus with text",
}
# Which fit tells of size, the first that there is: families differ in more than size.
FITS = (c.WITHIN, c.PAIRS, c.POOLED)
PER = {c.WITHIN: "R2 a doubling", c.POOLED: "R2 a doubling", c.PAIRS: "R2 a pair"}
# Below these, the fewest that the tests were tried with (docs/calibration.md), there is no answer.
TRIED_READERS, TRIED_SENTENCES = 8, 20
# Below these an answer comes with a warning.
FEW_READERS, FEW_SENTENCES = 10, 30


class Asked(NamedTuple):
    """One test and its equivalence test, before correction.

    labels : columns of VERDICT; p : two-sided; p_margin : that the effect is beyond the margin; few : why too few
    """

    question: str
    labels: Row
    p: float
    p_margin: float
    few: str


def beyond_margin(row: Row, df: float, question: str) -> float:
    """Below 0.05 where the 95 percent interval is within the margin; of a directed question, where its upper end is.

    Twice the p of two one-sided tests (Schuirmann 1987); `statistics.clustered.equivalence` says why twice.
    row : estimate, ci_low, ci_high, bound, NaN where one is missing; skewness, NaN of a t that is not adjusted for it
    """
    width, skewness = row["ci_high"] - row["ci_low"], row["skewness"]
    if not (width > 0 and row["bound"] > 0 and df >= 1):
        return math.nan
    skewness = 0.0 if math.isnan(skewness) else skewness
    low, high = ends(df, skewness)
    found = Estimate(row["estimate"], width / (high - low), df, skewness)
    above, below = p_above(found, row["bound"]), p_below(found, -row["bound"])
    return min(1.0, 2 * (max(above, below) if question in EITHER_WAY else above))


def sizes(conclusions: pd.DataFrame) -> tuple[dict[str, int], dict[str, int]]:
    """Readers of each group, sentences of each corpus."""
    own = conclusions[(conclusions["readers"] != "") & ~conclusions["readers"].str.contains(" above ", regex=False)]
    readers = {str(name): int(part["n_readers"].max()) for name, part in own.groupby("readers", sort=False)}
    known = conclusions[conclusions["n_sentences"].notna()]
    return readers, {str(name): int(part["n_sentences"].max()) for name, part in known.groupby("corpus", sort=False)}


def warnings(conclusions: pd.DataFrame) -> list[str]:
    """A line for each group and corpus that is small."""
    readers, sentences = sizes(conclusions)
    found = [f"{name} has {n} readers, fewer than {FEW_READERS}" for name, n in readers.items() if n < FEW_READERS]
    return found + [
        f"corpus {name} has {n} sentences, fewer than {FEW_SENTENCES}"
        for name, n in sentences.items()
        if n < FEW_SENTENCES
    ]


def too_few(row: Row, readers: Mapping[str, int]) -> str:
    """Why a row is not answered however it came out; empty where it may be."""
    counts = [readers[name] for name in str(row["readers"]).split(" above ") if name in readers]
    if counts and min(counts) < TRIED_READERS:
        return f"{min(counts)} readers: the tests were tried with {TRIED_READERS} or more"
    if row["n_sentences"] < TRIED_SENTENCES:
        return f"{int(row['n_sentences'])} sentences: the tests were tried with {TRIED_SENTENCES} or more"
    return ""


def _rows(frame: pd.DataFrame, **labels: object) -> list[Row]:
    own = frame[(frame[list(labels)] == list(labels.values())).all(axis=1)] if len(frame) else frame
    return [{str(name): value for name, value in row.items()} for row in own.to_dict("records")]


def _counted(row: Row) -> str:
    parts = [(row.get(f"n_{what}"), what) for what in ("readers", "sentences", "models")]
    return ", ".join(f"{int(n)} {what}" for n, what in parts if n is not None and not math.isnan(n))


def _labels(question: str, row: Row, scale: str, unit: str, rests_on: str, file: str) -> Row:
    return {
        **{"question": QUESTIONS[question], "scale": scale, "main": "yes" if scale == SCALES[question][0] else ""},
        **{name: row.get(name, "") for name in ("corpus", "readers", "readers_are")},
        **{"about": row["condition"] if question == c.INSTRUCTIONS else "", "estimate": row["estimate"], "unit": unit},
        **{"low": row["ci_low"], "high": row["ci_high"], "margin": row["bound"], "n": _counted(row)},
        "p_articles": row.get("p_articles", math.nan),
        **{"rests_on": rests_on, "file": file},
    }


def _of_readers(conclusions: pd.DataFrame, readers: Mapping[str, int]) -> Iterator[Asked]:
    """Size, tuning, groups, beyond: readers and sentences drawn, at the layer that stands for a model, or over all."""
    for question in (c.SIZE, c.TUNING, c.GROUPS, c.BEYOND):
        for scale in SCALES[question]:
            own = _rows(conclusions, conclusion=question, score=scale, test=c.CLUSTERED)
            for place in dict.fromkeys(row["readers"] for row in own):
                here = [row for row in own if row["readers"] == place]
                layers = BEST if any(row["layers"] == BEST for row in here) else ALL
                fits = [row for row in here if row["layers"] == layers]
                fits.sort(key=lambda row: FITS.index(row["models"]) if row["models"] in FITS else 0)
                row, p_margin = fits[0], math.nan
                if question == c.TUNING:
                    # Every pair is to be equal: the tests that there are.
                    equal = _rows(conclusions, conclusion=question, score=scale, test=c.EQUIVALENCE, layers=layers)
                    equal = [other for other in equal if other["readers"] == place]
                    if equal:
                        p_margin, row = equal[0]["p"], {**row, "bound": equal[0]["bound"]}
                else:
                    p_margin = beyond_margin(row, row["df"], question)
                at = f"at {RULE}" if layers == BEST else "mean of the layers there are"
                at = "by ridge regression" if scale.startswith(AT_ONCE) else at
                said = f"held out, {'above shuffled attention' if scale == WHOLE else scale}; {at}; readers and "
                said += f"sentences as drawn; models as given ({row['models']})"
                unit = PER.get(row["models"], c.R2) if question == c.SIZE else c.R2
                labels = _labels(question, row, scale, unit, said, "statistics/conclusions.csv")
                yield Asked(question, labels, row["p"], p_margin, too_few(row, readers))


def _of_instructions(conclusions: pd.DataFrame) -> Iterator[Asked]:
    for scale in SCALES[c.INSTRUCTIONS]:
        for row in _rows(conclusions, conclusion=c.INSTRUCTIONS, score=scale, layers=ALL, models=c.MEAN):
            said = "tuned models, mean over layers; sentences as drawn; models as given"
            labels = _labels(c.INSTRUCTIONS, row, scale, m.NATS, said, "statistics/conclusions.csv")
            yield Asked(c.INSTRUCTIONS, labels, row["p"],
                        beyond_margin(row, row["n_sentences"] - 1, c.INSTRUCTIONS), too_few(row, {}))  # fmt: skip


def _of_divergence(divergence: pd.DataFrame) -> Iterator[Asked]:
    """Of all layers or quarters and pairs the one furthest above; `no` where each is shown not to be above."""
    tested = divergence[(divergence["condition"] == PLAIN) & divergence["p_holm"].notna()]
    for (corpus, comparison), part in tested.groupby(["corpus", "comparison"], sort=False):
        own = _rows(part.assign(estimate=part["difference"], bound=m.TENTH * part["mean_b"].abs()))
        first = min(own, key=lambda row: row["p_holm"])
        # One-sided, above: two-sided is twice that. All families count.
        p = min(1.0, 2 * first["p_holm"] * part["family"].nunique())
        each = [beyond_margin(row, row["n_a"] - 1, DIVERGENCE) for row in own]
        above = sum(row["p_holm"] < SIGNIFICANT for row in own)
        said = f"above in {above} of {len(own)} layers or quarters by Holm's p; shown is the one of the smallest p"
        names = {name for row in own for name in (row["a"], row["b"])}
        row = {**first, "corpus": corpus, "readers_are": "", "readers": "", "condition": "", "n_readers": math.nan}
        row |= {"n_sentences": first["n_a"], "n_models": len(names)}
        labels = _labels(DIVERGENCE, row, SCALES[DIVERGENCE][0], m.NATS, f"{said}; sentences as drawn",
                         "statistics/divergence.csv")  # fmt: skip
        yield Asked(DIVERGENCE, {**labels, "about": f"by {'size' if comparison == 'scaling' else comparison}"}, p,
                    float(np.max(each)), too_few(row, {}))  # fmt: skip


def _of_reading_times(tests: pd.DataFrame) -> Iterator[Asked]:
    """First-pass times, mean over the models that have a predictor; readers and sentences drawn."""
    for scale in SCALES[READING]:
        for row in _rows(tests, question=r.SLOPE_OF_ALL, signal=FIRST_PASS, scale=scale):
            row |= {"estimate": row["difference"], "readers": row["group"], "n_readers": row["n_a"]}
            said = "least squares over all articles, logarithms of first-pass times, sum over the word and the one "
            said += "before; entropy: mean over layers; readers and sentences as drawn; models as given (mean)"
            labels = _labels(READING, row, scale, "of the time per SD", said, "statistics/reading-times.csv")
            p_margin = beyond_margin(row, row["df"], READING)
            yield Asked(READING, labels, row["p"], p_margin, too_few(row, {str(row["readers"]): int(row["n_a"])}))


def _holm(values: Sequence[float]) -> list[float]:
    p = np.array(values, dtype=float)
    tested = ~np.isnan(p)
    if tested.any():
        p[tested] = multipletests(p[tested], method="holm")[1]
    return [float(value) for value in p]


def answer(asked: Asked, p: float, p_margin: float) -> tuple[str, str]:
    """The word and why, by corrected p. A difference that is found is `yes` also where it is within the margin."""
    estimate, margin, unit = (asked.labels[name] for name in ("estimate", "margin", "unit"))
    within = f"{margin:.2g} {unit}" if margin > 0 else ""
    if asked.few:
        return CANNOT_TELL, asked.few
    if math.isnan(p):
        return CANNOT_TELL, "nothing to test: no degree of freedom, or nothing varies"
    either, found = asked.question in EITHER_WAY, p < SIGNIFICANT
    if found and estimate != 0 and (either or estimate > 0):
        return YES, f"found, and smaller than the margin of {within}" if p_margin < SIGNIFICANT else "found"
    if p_margin < SIGNIFICANT:
        other = "the other way round" if found else f"shown to be {'within' if either else 'not above'} {within}"
        return NO, other
    if found:
        return CANNOT_TELL, "the other way round, but there is no margin to call it no"
    return CANNOT_TELL, f"not found, nor shown to be within {within}" if within else "not found, and there is no margin"


def verdict(conclusions: pd.DataFrame, divergence: pd.DataFrame, reading_times: pd.DataFrame) -> pd.DataFrame:
    """Rows of VERDICT, a question after the other; one that the run does not ask has a row that says why.

    conclusions : rows of CONCLUSIONS; divergence, reading_times : rows of TESTS. Any may be empty
    """
    readers, _ = sizes(conclusions) if len(conclusions) else ({}, {})
    every = [] if conclusions.empty else [*_of_readers(conclusions, readers), *_of_instructions(conclusions)]
    every += [] if divergence.empty else [*_of_divergence(divergence)]
    every += [*_of_reading_times(reading_times)]
    found, margins = _holm([one.p for one in every]), _holm([one.p_margin for one in every])
    correction = f"Holm over {sum(not math.isnan(p) for p in found)} tests of a difference and "
    correction += f"{sum(not math.isnan(p) for p in margins)} of equivalence"
    rows: list[Row] = []
    for question, words in QUESTIONS.items():
        corrected = zip(every, found, margins, strict=True)
        own = [(one, p, p_margin) for one, p, p_margin in corrected if one.question == question]
        for one, p, p_margin in own:
            word, why = answer(one, p, p_margin)
            rows.append({**one.labels, "answer": word, "p": p, "p_margin": p_margin, "correction": correction,
                         "why": why})  # fmt: skip
        if not any(one.labels["main"] for one, _, _ in own):
            rows.append({"question": words, "scale": SCALES[question][0], "main": "yes", "answer": NOT_ASKED,
                         "why": WHY_NOT[question]})  # fmt: skip
    table = pd.DataFrame(rows, columns=VERDICT.names)
    return table.assign(**{name: table[name].astype(object).fillna("") for name in VERDICT.text})
