"""What attention adds to baseline b2, and how much of it the same model adds before its training.

An architecture and its tokenizer have patterns before anything is learned: a causal mask, positions, words of several
tokens. What a trained model adds is told beside what its untrained twin does, whose weights are drawn and not learned.
"""

import itertools
from collections.abc import Sequence

from readalike.statistics.conclusions import BEYOND, BEYOND_B2, MEAN, Run, over_readers
from readalike.statistics.differences import Row
from readalike.statistics.scored import AT_ONCE, SCORES, chosen, weighted

UNTRAINED, ABOVE_UNTRAINED = "beyond b2, untrained", "beyond b2, above untrained"
AT_ONCE_UNTRAINED, AT_ONCE_ABOVE_UNTRAINED = f"{AT_ONCE}, untrained", f"{AT_ONCE}, above untrained"
# Score -> what it is called of untrained models, and of their trained twins less it.
OF_TWINS = {BEYOND_B2: (UNTRAINED, ABOVE_UNTRAINED), AT_ONCE: (AT_ONCE_UNTRAINED, AT_ONCE_ABOVE_UNTRAINED)}


def beyond_rows(run: Run, multiple: float) -> list[Row]:
    """What attention adds to baseline b2: a layer above shuffled attention, and all layers at once. Means over models.

    run : without untrained models; multiple : of chance, the bound
    """
    rows: list[Row] = []
    for (group, own), name in itertools.product(run.resemblance.groupby("group", sort=False), OF_TWINS):
        models = [str(model) for model in dict.fromkeys(own["model"])]
        scored = {model: run.scored(model, str(group), name) for model in models}
        for rule in SCORES[name].rules:
            at = [chosen(scored[model], rule, run.best.get((model, str(group)))) for model in models]
            there = [one for one in at if one is not None]
            if there:
                labels = {**run.labels(str(group)), "conclusion": BEYOND, "score": name, "layers": rule}
                mean = weighted([(1 / len(there), one) for one in there])
                found = over_readers(run, mean, {**labels, "models": MEAN}, multiple * run.chance(models, str(group)))
                rows += [{**row, "n_models": len(there)} for row in found]
    return rows


def twin_rows(run: Run, twins: Sequence[Sequence[str]], multiple: float) -> list[Row]:
    """The same of untrained models, and of their trained twins less them; of each group means over the twins.

    Each model at its own layer. Readers and sentences of the difference are paired.
    twins : trained and untrained model of the same weights
    """
    rows: list[Row] = []
    models = list(dict.fromkeys(itertools.chain(*twins)))
    groups = dict.fromkeys(run.resemblance["group"])
    for group, (name, (untrained, above)) in itertools.product(groups, OF_TWINS.items()):
        scored = {model: run.scored(model, group, name) for model in models}
        for rule in SCORES[name].rules:
            at = {model: chosen(scored[model], rule, run.best.get((model, group))) for model in models}
            there = {model: own for model, own in at.items() if own is not None}
            pairs = [(trained, drawn) for trained, drawn in twins if trained in there and drawn in there]
            if not pairs:
                continue
            share = 1 / len(pairs)
            before = [(share, there[drawn]) for _, drawn in pairs]
            learned = [
                (sign * share, there[model]) for pair in pairs for sign, model in zip((1, -1), pair, strict=True)
            ]
            for score, weights, n in (
                (untrained, before, len(pairs)),
                (above, learned, len(set(itertools.chain(*pairs)))),
            ):
                labels = {**run.labels(group), "conclusion": BEYOND, "score": score, "layers": rule, "models": MEAN}
                found = over_readers(run, weighted(weights), labels, multiple * run.chance(models, group))
                rows += [{**row, "n_models": n} for row in found]
    return rows
