"""The paper's conclusions about readers, each as one number: size, tuning, groups; pooled over models and layers.

Tables of tests by layer answer as many questions as there are layers. Here every way to ask (score, layers, models) has
one answer, with an interval and p over readers, as in the paper, and over readers and sentences.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray, IntArray
from readalike.files.contracts.robustness import CONCLUSIONS
from readalike.files.sums import SumsOf
from readalike.statistics.clustered import clustered_t, equivalence, p_of_articles
from readalike.statistics.differences import Row, independent_t, paired_t
from readalike.statistics.readers import DIVIDED_BY, GroupSums, ModelSums, not_scaled, scaled
from readalike.statistics.scaling import about_family
from readalike.statistics.scored import ALL, BEST, SCORES, Scored, by_layer, chosen, weighted

SIZE, PATTERNS, TUNING, INSTRUCTIONS, GROUPS = "size", "patterns", "tuning", "instructions", "groups"
# No conclusion of the paper, hence without variants: asked by the verdict alone (`statistics.conclusions_beyond`).
BEYOND, BEYOND_B2 = "beyond", "beyond b2"
READERS, CLUSTERED, EQUIVALENCE = "readers", "readers and sentences", "equivalence"
PAIRS, WITHIN, POOLED, EVERY, MEAN = "pairs", "within families", "all models", "every pair", "mean"
R2, PERCENT = "R2", "percent of the ceiling"
# Of two groups also shares of their ceilings, and one with saccades thinned: `statistics.readers` has them by layer.
GROUP_SCALES = {
    "percent of ceiling": "percent_of_ceiling",
    "percent of own ceiling": "own_ceiling",
    "percent of ceiling, held out": "percent_cv",
    "thinned": "thinned",
}


class Run(NamedTuple):
    """What the rows about readers are made of.

    resemblance : of one signal; best : (model, group) -> layer with the highest in-sample R2, of whole models
    sums : (model, group) -> files of sums; parameters : by model; corpora : group -> the corpus it read
    articles : group -> article of each sentence that it read
    """

    resemblance: pd.DataFrame
    best: Mapping[tuple[str, str], int]
    sums: Mapping[tuple[str, str], Sequence[SumsOf]]
    parameters: Mapping[str, float]
    corpora: Mapping[str, str]
    articles: Mapping[str, IntArray]
    signal: str

    def scored(self, model: str, group: str, name: str) -> dict[int, Scored]:
        """Every layer of a model on one of SCORES."""
        own = self.resemblance[(self.resemblance["model"] == model) & (self.resemblance["group"] == group)]
        return by_layer(own, SCORES[name], self.sums.get((model, group), ()), self.signal)

    def without(self, models: Collection[str]) -> "Run":
        """The same without rows of some models."""
        return self._replace(resemblance=self.resemblance[~self.resemblance["model"].isin(list(models))])

    def chance(self, models: Iterable[str], group: str) -> float:
        """What the layer of most heads of these models explains by chance; NaN where it is not kept."""
        return max((_chance(self.sums.get((model, group), ())) for model in models), default=np.nan)

    def labels(self, group: str) -> Row:
        own = self.resemblance[self.resemblance["group"] == group]
        kind = str(own["readers_are"].iloc[0])
        return {"corpus": self.corpora[group], "readers": group, "readers_are": kind, "signal": self.signal}


def table(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows of CONCLUSIONS; text that is not given is empty."""
    frame = pd.DataFrame(list(rows), columns=CONCLUSIONS.names)
    return frame.assign(**{name: frame[name].astype(object).fillna("") for name in CONCLUSIONS.text})


def taken(found: Row, **more: object) -> Row:
    """What a row keeps of a test: estimate, interval, what p is made of, p; numbers of readers and sentences."""
    names = ("ci_low", "ci_high", "df", "skewness", "p", "bound", "n_sentences")
    return {"estimate": found["difference"], **{name: found.get(name, np.nan) for name in names}, **more}


def over_readers(run: Run, scored: Scored, labels: Row, bound: float = np.nan) -> list[Row]:
    """One group: its readers' mean against zero; and readers and sentences as drawn, where sums are kept."""
    values = scored.value.to_numpy(dtype=float)
    n: Row = {"n_readers": len(values), "unit": R2, "condition": "plain", "bound": bound}
    rows = [{**labels, "test": READERS, **taken(paired_t(values, np.zeros(len(values)), "two-sided"), **n)}]
    if scored.parts is not None:
        rows.append({**labels, "test": CLUSTERED, **_both_drawn(run, labels["readers"], (scored.parts,), n)})
    return rows


def _both_drawn(run: Run, group: str, contributions: Sequence[FloatArray], more: Row) -> Row:
    """Readers and sentences as drawn, and whether articles of what `group` read differ in it."""
    p = p_of_articles(contributions, run.articles[group])
    return {**taken(clustered_t(contributions, "two-sided"), **more), "p_articles": p}


def size_rows(
    run: Run,
    scaling: Sequence[Sequence[str]],
    law: Sequence[str],
    families: Mapping[str, str],
    multiple: float,
) -> list[Row]:
    """What larger models score more: mean over configured pairs; slopes for each doubling of the parameters.

    The models are taken as given, and readers, or readers and sentences, as drawn.
    multiple : of chance, the bound of a pair; a slope's is that over the doublings from a family's smallest model to
        its largest, so that over all of them no more than the bound is gained
    """
    rows: list[Row] = []
    for group, name in itertools.product(dict.fromkeys(run.resemblance["group"]), SCORES):
        models = [m for m in dict.fromkeys([*law, *itertools.chain(*scaling)]) if m in run.parameters]
        scored = {model: run.scored(model, group, name) for model in models}
        for rule in SCORES[name].rules:
            at = {model: chosen(scored[model], rule, run.best.get((model, group))) for model in models}
            there = {model: own for model, own in at.items() if own is not None}
            for fit, weights in _size_weights(there, scaling, law, families, run.parameters).items():
                effect = weighted([(weight, there[model]) for model, weight in weights.items()])
                labels = {**run.labels(group), "conclusion": SIZE, "score": name, "layers": rule, "models": fit}
                bound = multiple * run.chance(weights, group) / _doublings(fit, weights, families, run.parameters)
                rows += [{**row, "n_models": len(weights)} for row in over_readers(run, effect, labels, bound)]
    return rows


def _doublings(fit: str, models: Iterable[str], families: Mapping[str, str], parameters: Mapping[str, float]) -> float:
    """From the smallest model of a slope to the largest, within families the longest way; 1 of pairs."""
    if fit == PAIRS:
        return 1.0
    sizes: dict[str, list[float]] = {}
    for model in models:
        sizes.setdefault(families.get(model, "") if fit == WITHIN else "", []).append(float(np.log2(parameters[model])))
    return max(max(own) - min(own) for own in sizes.values())


def _size_weights(
    there: Mapping[str, Scored],
    scaling: Sequence[Sequence[str]],
    law: Sequence[str],
    families: Mapping[str, str],
    parameters: Mapping[str, float],
) -> dict[str, dict[str, float]]:
    """Fit -> weight of each model in its effect; fits that the models do not allow are left out."""
    found: dict[str, dict[str, float]] = {}
    pairs = [(a, b) for a, b in scaling if a in there and b in there]
    if pairs:
        # A model that is the larger of one pair and the smaller of the next keeps a weight of 0, and is counted.
        weights = dict.fromkeys(itertools.chain(*pairs), 0.0)
        for small, large in pairs:
            weights[large] += 1 / len(pairs)
            weights[small] -= 1 / len(pairs)
        found[PAIRS] = weights
    members = [model for model in law if model in there]
    size = pd.Series({model: np.log2(parameters[model]) for model in members}, dtype=float)
    if len(set(size)) > 1 and len(size) > 2:
        found[POOLED] = _slope(size, pd.Series("", index=size.index))
    family = pd.Series({model: families.get(model, "") for model in members}, dtype=str)
    several = size[(family != "") & (size.groupby(family).transform("nunique") > 1)]
    if len(several):
        found[WITHIN] = _slope(several, family[several.index])
    return found


def _slope(size: pd.Series, family: pd.Series) -> dict[str, float]:
    """Weights of least squares on size with an intercept a family: x / sum x^2, x about the mean of the family."""
    x = about_family(size.to_numpy(), family)
    return {str(model): float(weight) for model, weight in zip(size.index, x / (x @ x), strict=True)}


def tuning_rows(run: Run, tuning: Sequence[Sequence[str]], bound: float) -> list[Row]:
    """Tuned less base: the mean over pairs, against zero; and whether every pair is equal within what chance gives.

    bound : multiple of what as many heads explain by chance (`SumsOf.chance`, the larger of two models'). All pairs are
        equal where the one with the largest p is (an intersection-union test: no correction over them is needed).
    """
    rows: list[Row] = []
    models = set(run.resemblance["model"])
    pairs = [(base, tuned) for base, tuned in tuning if {base, tuned} <= models]
    for group, name in itertools.product(dict.fromkeys(run.resemblance["group"]), SCORES):
        scored = {model: run.scored(model, group, name) for model in dict.fromkeys(itertools.chain(*pairs))}
        for rule in SCORES[name].rules:
            changes = []
            for base, tuned in pairs:
                at = [chosen(scored[model], rule, run.best.get((model, group))) for model in (tuned, base)]
                if at[0] is not None and at[1] is not None:
                    chance = max(_chance(run.sums.get((model, group), ())) for model in (base, tuned))
                    changes.append((weighted([(1, at[0]), (-1, at[1])]), bound * chance))
            if not changes:
                continue
            labels = {**run.labels(group), "conclusion": TUNING, "score": name, "layers": rule, "condition": "plain"}
            labels["n_models"] = 2 * len(changes)
            mean = weighted([(1 / len(changes), change) for change, _ in changes])
            rows += [{**row, "models": PAIRS} for row in over_readers(run, mean, labels)]
            if all(change.parts is not None for change, _ in changes):
                each = [equivalence((change.parts,), own) for change, own in changes if change.parts is not None]
                worst = max(each, key=lambda found: found.get("p", 1.0))
                more = taken(worst, n_readers=worst["n_a"], unit=R2)
                rows.append({**labels, "test": EQUIVALENCE, "models": EVERY, **more})
    return rows


def _chance(sums: Sequence[SumsOf]) -> float:
    """What the layer of most heads explains by chance."""
    return max((float(one.chance.max()) for one in sums if one.chance is not None), default=np.nan)


class Beside(NamedTuple):
    """What comparing groups takes besides: thinned scores with their sums, sums of readers, ceilings."""

    thinned: pd.DataFrame
    thinned_sums: ModelSums
    human: GroupSums
    ceilings: pd.DataFrame


def group_rows(run: Run, contrasts: Sequence[Sequence[str]], beside: Beside, multiple: float) -> list[Row]:
    """First group of a contrast less the second, mean over the models, of each the best layer for each group or all.

    multiple : of chance, the bound of differences in R2
    """
    rows: list[Row] = []
    for high, low in contrasts:
        models = [
            model
            for model, own in run.resemblance.groupby("model", sort=False)
            if {high, low} <= set(own["group"])
        ]  # fmt: skip
        # The layer of a share is that of the score.
        asked = [(name, rule) for name, score in SCORES.items() for rule in score.rules]
        for name, rule in [*asked, *itertools.product(GROUP_SCALES, (BEST, ALL))]:
            pairs = [
                [chosen(_of_group(run, str(model), group, name, beside, group == high), rule,
                        run.best.get((str(model), group))) for group in (high, low)]
                for model in models
            ]  # fmt: skip
            there = [(a, b) for a, b in pairs if a is not None and b is not None]
            if not there:
                continue
            share = 1 / len(there)
            a, b = (weighted([(share, pair[k]) for pair in there]) for k in (0, 1))
            labels = {**run.labels(high), "conclusion": GROUPS, "readers": f"{high} above {low}", "score": name}
            labels |= {"layers": rule, "models": MEAN, "condition": "plain", "n_models": len(there)}
            more = {"n_readers": len(a.value) + len(b.value), "unit": PERCENT if "percent" in name else R2}
            if name in SCORES:
                more["bound"] = multiple * max(run.chance(map(str, models), group) for group in (high, low))
            x, y = (own.value.to_numpy(dtype=float) for own in (a, b))
            rows.append({**labels, "test": READERS, **taken(independent_t(x, y, "two-sided"), **more)})
            if a.parts is not None and b.parts is not None:
                found = _both_drawn(run, high, (a.parts, -b.parts), more)
                rows.append({**labels, "test": CLUSTERED, **found})
    return rows


def _of_group(run: Run, model: str, group: str, name: str, beside: Beside, first: bool) -> dict[int, Scored]:
    """Every layer of a model to one group of a contrast, `first` the one whose saccades are thinned."""
    if name in SCORES:
        return run.scored(model, group, name)
    scale = GROUP_SCALES[name]
    if scale == "thinned" and (run.signal != "number" or beside.thinned.empty):
        return {}
    own = run.resemblance[(run.resemblance["model"] == model) & (run.resemblance["group"] == group)]
    if not_scaled(scale, {group: own}, beside.ceilings):
        return {}
    sums = {key: one for key, files in run.sums.items() for one in files[:1]}
    thin = (beside.thinned, beside.thinned_sums) if scale == "thinned" and first else None
    scores, contributions = scaled(scale, own, sums, beside.human, beside.ceilings, thin)
    times = 100.0 if scale in DIVIDED_BY else 1.0
    return {
        int(layer): Scored(times * scores.loc[layer].dropna(), times * part)
        for layer, part in zip(scores.index, contributions, strict=True)
    }
