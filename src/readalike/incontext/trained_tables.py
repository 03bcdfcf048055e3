"""What the configuration asks to be trained, as tables."""

from typing import Literal

import pandas as pd

from readalike.errors import ConfigurationError
from readalike.files.contracts.incontext import TRAINED_PARITY, TRAINED_REGRESSION, TRAINED_WEIGHT
from readalike.incontext import parity_tables, regression, regression_tables
from readalike.incontext import trained_parity as parity_training
from readalike.incontext import trained_regression as regression_training
from readalike.incontext.parity import pairs, probabilities
from readalike.incontext.parity_accuracy import Setting


def trained_regression(settings: regression_tables.Regression, seed: int) -> pd.DataFrame:
    """A row a rank, start and direction."""
    if "training" not in settings:
        raise ConfigurationError("incontext.regression.training is missing; config/incontext.yaml has one")
    given, variances = settings["training"], regression_tables.spectrum(settings)
    recipe = regression_training.Recipe(
        eigenvalues=tuple(variances),
        examples=settings["examples"],
        starts=given["starts"],
        steps=given["steps"],
        batch=given["batch"],
        rate=given["rate"],
        test_prompts=given["test_prompts"],
        seed=seed,
    )
    rows = []
    for rank in given["ranks"]:
        best = regression_tables.read_to(rank, regression.diagonal_of_best(variances, settings["examples"]))
        found = regression_training.train(rank, best, recipe)
        optimum, below = (
            regression.pretraining_loss(variances, settings["examples"], kept) for kept in (rank, rank - 1)
        )
        last = below - optimum  # what the last direction adds
        for start in range(given["starts"]):
            whole = (found.losses[start], found.gaps[start], found.gap_errors[start], found.gaps[start] > last / 2)
            rows += [(rank, start, i + 1, *whole, found.kept[start, i]) for i in range(len(variances))]
    return pd.DataFrame(rows, columns=TRAINED_REGRESSION.names)


def trained_parity(
    settings: parity_tables.Parity, z: Literal["finite", "exact"], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accuracies, a row a start and kind of test prompts, and weights, a row a start and feature."""
    if "training" not in settings:
        raise ConfigurationError("incontext.parity.training is missing; config/incontext.yaml has one")
    given, d, k, g = settings["training"], settings["features"], settings["covered"], settings["g"]
    tasks = {parity_tables.FREQUENT: pairs(k), parity_tables.UNCOVERED: pairs(d, k)}
    tested, weights = [], []
    for rare in given["rare"]:
        recipe = parity_training.Recipe(
            d=d,
            covered=k,
            g=g,
            rare=rare,
            examples=given["examples"] if z == "finite" else None,
            starts=given["starts"],
            steps=given["steps"],
            batch=given["batch"],
            rate=given["rate"],
            seed=seed,
        )
        for heads in given["heads"]:
            ends, losses = parity_training.train(heads, recipe)
            for start, (end, loss) in enumerate(zip(ends, losses, strict=True)):
                exact = [parity_training.exact_accuracy(end, own, g) for own in tasks.values()]
                by_feature = parity_training.weight_by_feature(end)
                weights += [(z, rare, heads, start, i + 1, by_feature[i], loss, *exact) for i in range(d)]
                for name, own in tasks.items():
                    for n in given["test_examples"]:
                        for flips in settings["flips"]:
                            # A start's prompts are the same for every number of heads and share of rare tasks.
                            key = [seed, start, n, round(1000 * flips), int(name == parity_tables.FREQUENT)]
                            found = parity_training.tested(end, own, Setting(n, g, flips), given["test_prompts"], key)
                            rows = (z, rare, heads, start, name, n, flips, float(found @ probabilities(g)), *found)
                            tested.append(rows)
    return (
        pd.DataFrame(tested, columns=TRAINED_PARITY.names),
        pd.DataFrame(weights, columns=TRAINED_WEIGHT.names),
    )
