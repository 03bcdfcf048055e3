"""What becomes of a model's answers as noise in the demonstrations grows: accuracy, slopes, and models side by side.

Answers are averaged over templates, which are fixed. Every estimate here is then a mean over items and sets of
demonstrations of something linear in the answers, with the interval of `statistics.crossed`: the slope of accuracy on
the rate of noise is sum_r w_r y_r with least-squares weights w_r = (r - mean) / sum (r - mean)^2, of each item and set.
Models of one run are asked the same items behind the same demonstrations, so that they are compared by the differences
of these.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from readalike.corpus import FloatArray
from readalike.files.contracts import incontext_models as contracts
from readalike.incontext.prompts import ZERO_SHOT
from readalike.statistics.crossed import Crossed, crossed, with_interval

PLAIN, CALIBRATED = SCORES = ("plain", "calibrated")
ALL_TASKS = "all"
# Sizes from which a slope on size has a p.
SIZES = 5
Key = tuple[str, str, str, str]  # model, task, noise, score


class Cube(NamedTuple):
    """Answers of one model to one task under one kind of noise, by one score; the mean over templates.

    rates : (rates,) rising, the first 0
    right : (rates, items, sets) share of templates with the right answer; margin : the same, nats
    by_template : (templates, rates, items, sets) whether the answer is right
    labels : (items,) the right ones; zero_shot : accuracy without demonstrations
    """

    rates: FloatArray
    right: FloatArray
    margin: FloatArray
    by_template: FloatArray
    labels: tuple[str, ...]
    zero_shot: float

    @property
    def chance(self) -> float:
        return 1 / len(set(self.labels))

    def mean(self, values: FloatArray) -> Crossed:
        """Of values of its items and sets."""
        return crossed(values, self.labels)

    @property
    def clean(self) -> Crossed:
        """Accuracy with right demonstrations."""
        return self.mean(self.right[0])

    @property
    def at_chance(self) -> bool:
        """Whether nothing shows that the model can do the task: a line at chance is no robustness."""
        return not self.clean.low > self.chance


def cubes(answers: pd.DataFrame) -> dict[Key, Cube]:
    """Of every model, task, noise and score; answers : `ANSWERS`, of as many as there are."""
    found: dict[Key, Cube] = {}
    for (model, task), own in answers.groupby(["model", "task"], sort=False):
        labels = tuple(own.drop_duplicates("item").sort_values("item")["label"])
        for score in SCORES:
            prefix = "" if score == PLAIN else "calibrated_"
            marked = own.assign(right=own[f"{prefix}answer"] == own["label"], nats=own[f"{prefix}margin"])
            zero_shot = float(marked.loc[marked["noise"] == ZERO_SHOT, "right"].mean())
            for noise, part in marked[marked["noise"] != ZERO_SHOT].groupby("noise", sort=False):
                right, margin = _array(part, "right"), _array(part, "nats")
                rates = np.sort(part["rate"].unique())
                found[str(model), str(task), str(noise), score] = Cube(
                    rates, right.mean(axis=0), margin.mean(axis=0), right, labels, zero_shot
                )
    return found


def _array(frame: pd.DataFrame, column: str) -> FloatArray:
    """(templates, rates, items, sets); every combination has one answer."""
    axes = ["template", "rate", "item", "set"]
    values = frame.set_index(axes)[column].sort_index().to_numpy(dtype=np.float64)
    return values.reshape([frame[axis].nunique() for axis in axes])


def slopes_on(rates: FloatArray, values: FloatArray) -> FloatArray:
    """Least-squares slope on the rate; values : (rates, ...)."""
    centred = rates - rates.mean()
    # Weights sum to zero only up to rounding: what does not change has a slope of exactly zero.
    result: FloatArray = np.tensordot(centred / (centred**2).sum(), values - values[:1], axes=1)
    return result


def accuracy_table(found: Mapping[Key, Cube]) -> pd.DataFrame:
    """`ACCURACY` of every rate, and of none of the demonstrations."""
    rows = []
    for (model, task, noise, score), cube in found.items():
        labels = {"model": model, "task": task, "noise": noise, "score": score}
        for rate, right, margin in zip(cube.rates, cube.right, cube.margin, strict=True):
            values = with_interval("accuracy", cube.mean(right)) | with_interval("margin", cube.mean(margin))
            items, sets = right.shape
            rows.append({**labels, "rate": rate, **values, "chance": cube.chance, "items": items, "sets": sets})
    return pd.DataFrame(rows, columns=contracts.ACCURACY.names)


def slope_table(found: Mapping[Key, Cube], parameters: Mapping[str, int], words: Mapping[str, float]) -> pd.DataFrame:
    """`NOISE_SLOPES`; parameters : by model; words : accuracy of a bag of words by task."""
    rows = []
    for (model, task, noise, score), cube in found.items():
        clean = cube.clean
        slope, margin = (cube.mean(slopes_on(cube.rates, values)) for values in (cube.right, cube.margin))
        drop = cube.mean(cube.right[0] - cube.right[-1])
        # Of two labels, all flipped, the other one is what the demonstrations say.
        two = len(set(cube.labels)) == 2
        follows = cube.mean(1 - cube.right[-1]) if two and cube.rates[-1] == 1 else None
        rows.append(
            {
                **{"model": model, "task": task, "noise": noise, "score": score, "parameters": parameters[model]},
                **with_interval("slope", slope),
                **{"df": slope.df, "p": slope.p},
                **with_interval("margin_slope", margin),
                **with_interval("clean", clean),
                **with_interval("drop", drop),
                "normalised_drop": math.nan if cube.at_chance else drop.estimate / (clean.estimate - cube.chance),
                **with_interval("follows", follows if noise == "labels" else None),
                **{"zero_shot": cube.zero_shot, "chance": cube.chance, "bag_of_words": words[task]},
                "at_chance": cube.at_chance,
                **{"items": cube.right.shape[1], "sets": cube.right.shape[2]},
            }
        )
    return pd.DataFrame(rows, columns=contracts.NOISE_SLOPES.names)


def set_table(found: Mapping[Key, Cube]) -> pd.DataFrame:
    """`NOISE_SETS`: the slope of every template and set."""
    rows = [
        (*key, template, number, float(value))
        for key, cube in found.items()
        for template, by_set in enumerate(_by_set(cube))
        for number, value in enumerate(by_set)
    ]
    return pd.DataFrame(rows, columns=contracts.NOISE_SETS.names)


def _by_set(cube: Cube) -> FloatArray:
    """(templates, sets) slope of the accuracy over items."""
    return np.array([slopes_on(cube.rates, right.mean(axis=1)) for right in cube.by_template])


def pair_table(
    found: Mapping[Key, Cube], comparisons: Mapping[str, Sequence[tuple[str, str]]], parameters: Mapping[str, int]
) -> pd.DataFrame:
    """`NOISE_PAIRS`: by how much b's slope is above a's, task by task, and the mean over tasks that both can do.

    comparisons : name -> (a, b): smaller and larger, or base and tuned
    """
    rows = [row for name, pairs in comparisons.items() for pair in pairs for row in _of_pair(found, name, *pair)]
    frame = pd.DataFrame(rows, columns=[name for name in contracts.NOISE_PAIRS.names if name != "p_holm"])
    frame["doublings"] = [math.log2(parameters[b] / parameters[a]) for a, b in zip(frame["a"], frame["b"], strict=True)]
    frame["p_holm"] = math.nan
    for _, own in frame[frame["p"].notna()].groupby(["comparison", "score", frame["task"] == ALL_TASKS]):
        frame.loc[own.index, "p_holm"] = multipletests(own["p"], method="holm")[1]
    return frame[contracts.NOISE_PAIRS.names]


def _of_pair(found: Mapping[Key, Cube], comparison: str, a: str, b: str) -> Iterator[dict[str, Any]]:
    both = [key[1:] for key in found if key[0] == a and (b, *key[1:]) in found]
    for noise, score in dict.fromkeys((noise, score) for _, noise, score in both):
        labels = {"comparison": comparison, "a": a, "b": b, "noise": noise, "score": score, "doublings": math.nan}
        kept: list[tuple[Crossed, Crossed]] = []
        for task in [one for one, *rest in both if rest == [noise, score]]:
            one, other = found[a, task, noise, score], found[b, task, noise, score]
            values = [slopes_on(cube.rates, cube.right) for cube in (one, other)]
            nats = [slopes_on(cube.rates, cube.margin) for cube in (one, other)]
            difference, margin = one.mean(values[1] - values[0]), one.mean(nats[1] - nats[0])
            why = " and ".join(name for name, cube in ((a, one), (b, other)) if cube.at_chance)
            if not why:
                kept.append((difference, margin))
            yield {
                **{**labels, "task": task, "slope_a": float(values[0].mean()), "slope_b": float(values[1].mean())},
                **with_interval("difference", difference),
                **with_interval("margin_difference", margin),
                **{"df": difference.df, "p": math.nan if why else difference.p, "tasks": 1},
                "left_out": f"at chance: {why}" if why else "",
            }
        pooled = [_mean(estimates) for estimates in zip(*kept, strict=True)] if kept else [None, None]
        yield {
            **{**labels, "task": ALL_TASKS, "slope_a": math.nan, "slope_b": math.nan},
            **with_interval("difference", pooled[0]),
            **with_interval("margin_difference", pooled[1]),
            "df": pooled[0].df if pooled[0] else math.nan,
            "p": pooled[0].p if pooled[0] else math.nan,
            "tasks": len(kept),
            "left_out": "" if kept else "no task that both can do",
        }


def _mean(found: Iterable[Crossed]) -> Crossed:
    """Mean over tasks, which share no item and no set; degrees of freedom by Welch and Satterthwaite."""
    parts = list(found)
    estimate = float(np.mean([one.estimate for one in parts]))
    squares = np.array([one.error for one in parts]) ** 2 / len(parts) ** 2
    error = math.sqrt(squares.sum())
    if not error > 0:
        return parts[0]._replace(estimate=estimate, low=estimate, high=estimate, p=float(estimate == 0))
    free = np.array([one.df if one.error > 0 else 1.0 for one in parts])
    df = float(squares.sum() ** 2 / (squares**2 / free).sum())
    half = float(stats.t.ppf(0.975, df)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, df))
    return Crossed(estimate, error, df, estimate - half, estimate + half, p)


def size_table(slopes: pd.DataFrame) -> pd.DataFrame:
    """`NOISE_SIZES`: least squares of the slope on log2(parameters), over models that can do the task.

    slopes : `NOISE_SLOPES`. Below `SIZES` sizes the estimate stands alone.
    """
    rows = []
    for key, own in slopes.groupby(["task", "noise", "score"], sort=False):
        kept = own[~own["at_chance"].astype(bool)]
        sizes = kept["parameters"].nunique()
        row: dict[str, Any] = dict(zip(("task", "noise", "score"), np.asarray(key, dtype=object), strict=True))
        row |= {"models": " ".join(kept["model"]), "sizes": sizes, "slope": math.nan, "p": math.nan}
        row |= {"ci_low": math.nan, "ci_high": math.nan}
        row["why"] = "" if sizes >= SIZES else f"{sizes} sizes clear of chance; a test needs {SIZES}"
        if sizes > 1:
            fitted = sm.OLS(kept["slope"].to_numpy(), sm.add_constant(np.log2(kept["parameters"].astype(float)))).fit()
            row["slope"] = float(fitted.params.iloc[1])
            if sizes >= SIZES:
                row["ci_low"], row["ci_high"] = fitted.conf_int().iloc[1]
                row["p"] = float(fitted.pvalues.iloc[1])
        rows.append(row)
    return pd.DataFrame(rows, columns=contracts.NOISE_SIZES.names)
