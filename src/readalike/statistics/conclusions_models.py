"""The paper's conclusions about models alone: reliance on trivial patterns by size, sensitivity of tuned models.

No reader is in these; what is drawn from many is the sentences.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from readalike.conditions import NOISE, PLAIN
from readalike.corpus import FloatArray
from readalike.files.bootstrap import Draws
from readalike.statistics.comparisons import reference_index
from readalike.statistics.conclusions import INSTRUCTIONS, MEAN, PAIRS, PATTERNS, taken
from readalike.statistics.differences import Row, paired_t
from readalike.statistics.divergence import by_index
from readalike.statistics.reliance_change import by_quarter
from readalike.statistics.scored import ALL

SENTENCES = "sentences"
RELIANCE, RELATIVE, NATS = "reliance", "percent", "nats"
QUARTERS = {**{f"quarter {k + 1}": (k,) for k in range(4)}, ALL: (0, 1, 2, 3)}
# Of the reference's own divergence, what counts as no difference from it: a convention, derived from nothing.
TENTH = 0.1
REFERENCE, BASE, EXCESS = "tuned above the reference", "tuned above base", "excess over noise"


def pattern_rows(
    reliance: pd.DataFrame, draws: Mapping[tuple[str, str], Draws], scaling: Sequence[Sequence[str]]
) -> list[Row]:
    """Change of reliance from the smaller to the larger model of each pair, in percent, by quarter and over all four.

    The mean over pairs (and quarters) of ln(large / small), as a percentage; the interval is that of the draws over
    sentences, which are the same for all models. p: the estimate over their standard deviation, as a normal deviate.
    """
    rows: list[Row] = []
    for corpus in dict.fromkeys(reliance["corpus"]):
        own = reliance[(reliance["corpus"] == corpus) & (reliance["condition"] == PLAIN)]
        pairs = [(a, b) for a, b in scaling if {a, b} <= set(own["model"])]
        for name, quarters in QUARTERS.items():
            found, drawn = [], []
            for (small, large), k in itertools.product(pairs, quarters):
                a, b = (by_quarter(own[own["model"] == model])[k] for model in (small, large))
                of_a, of_b = (draws[corpus, model].values[f"{PLAIN}/r2"][k] for model in (small, large))
                # Where a model relies on the patterns not at all there is no ratio.
                if min(a, b) > 0 and min(of_a.min(), of_b.min()) > 0:
                    found.append(np.log(b / a))
                    drawn.append(np.log(of_b / of_a))
            if not found:
                continue
            many: FloatArray = np.mean(drawn, axis=0)
            error = float(many.std(ddof=1))
            low, high = np.quantile(many, [0.025, 0.975])
            mean = float(np.mean(found))
            percents = {name: 100 * np.expm1(value) for name, value in zip(
                ("estimate", "ci_low", "ci_high"), (mean, low, high), strict=True)}  # fmt: skip
            sentences = draws[corpus, pairs[0][0]].labels.get("sentences", "")
            rows.append(
                {
                    **{"conclusion": PATTERNS, "corpus": corpus, "score": RELIANCE, "test": SENTENCES, "layers": name},
                    **{"models": PAIRS, "condition": PLAIN, "unit": RELATIVE, **percents},
                    "p": float(2 * stats.norm.sf(abs(mean) / error)) if error > 0 else np.nan,
                    "n_sentences": float(sentences) if sentences else np.nan,
                    "n_models": len(set(itertools.chain(*pairs))),
                }
            )
    return rows


def instruction_rows(
    sensitivity: pd.DataFrame, divergence: pd.DataFrame, tuning: Sequence[Sequence[str]], depth: Mapping[str, int]
) -> list[Row]:
    """Sensitivity of tuned models, mean over layers, then over pairs: paired t over sentences against three things.

    The reference pair's divergence in `plain` (the paper's test), the base model's sensitivity, and that difference
    beyond the same one for `noise`.

    divergence : of the reference pair, or empty; depth : number of layers of every model
    The bound of each is a TENTH of what the reference pair diverges by; without a reference there is none.
    """
    rows: list[Row] = []
    for corpus in dict.fromkeys(sensitivity["corpus"]):
        here = sensitivity[sensitivity["corpus"] == corpus]
        pairs = [(a, b) for a, b in tuning if {a, b} <= set(here["model"])]
        of_reference = divergence[(divergence["corpus"] == corpus) & (divergence["condition"] == PLAIN)]
        of_reference = of_reference[of_reference["unit"] == "layer"]
        reference = by_index(of_reference, "index") if len(of_reference) else None
        for condition in dict.fromkeys(here["condition"]):
            if condition == NOISE or not pairs:
                continue
            against = {
                BASE: [_mean(here, tuned, condition) - _mean(here, base, condition) for base, tuned in pairs],
            }
            if NOISE in set(here["condition"]):
                noise = [_mean(here, tuned, NOISE) - _mean(here, base, NOISE) for base, tuned in pairs]
                against[EXCESS] = [own - other for own, other in zip(against[BASE], noise, strict=True)]
            if reference is not None:
                against[REFERENCE] = [
                    _mean(here, tuned, condition) - _beside(reference, depth[tuned]) for _, tuned in pairs
                ]
            bound = np.nan
            if reference is not None:
                bound = TENTH * float(np.mean([_beside(reference, depth[tuned]).mean() for _, tuned in pairs]))
            for score, changes in against.items():
                mean = np.mean([change.to_numpy() for change in changes], axis=0)
                labels: Row = {
                    **{"conclusion": INSTRUCTIONS, "corpus": corpus, "score": score, "test": SENTENCES, "layers": ALL},
                    **{"models": MEAN, "condition": condition, "n_models": len(set(itertools.chain(*pairs)))},
                }
                found = taken(paired_t(mean, np.zeros(len(mean)), "two-sided"), unit=NATS)
                rows.append({**labels, **found, "bound": bound, "n_sentences": int((~np.isnan(mean)).sum())})
    return rows


def _mean(frame: pd.DataFrame, model: str, condition: str) -> pd.Series:
    """By sentence, mean over layers."""
    own = frame[(frame["model"] == model) & (frame["condition"] == condition)]
    return by_index(own, "layer").mean(axis=0)


def _beside(reference: pd.DataFrame, layers: int) -> pd.Series:
    """The reference pair's divergence by sentence, mean over the layers that stand beside those of a model."""
    count = int(reference.index.max()) + 1
    return reference.loc[[reference_index(k, layers, count) for k in range(layers)]].mean(axis=0)
