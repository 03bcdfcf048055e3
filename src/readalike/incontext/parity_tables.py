"""What the configuration asks of the parity setting, as tables: formulas beside drawn prompts."""

import math
from typing import NotRequired, TypedDict

import numpy as np
import pandas as pd

from readalike.files.contracts.incontext import ACCURACY, MARGINS, ORDER
from readalike.incontext.parity import coded_heads, exact_margins, numbered_heads, pairs, probabilities
from readalike.incontext.parity_accuracy import (
    Setting,
    accuracy_at,
    distances,
    draw_shown,
    right,
    turning_share,
)

FREQUENT, UNCOVERED = "frequent", "uncovered"
COVERED = (2, 4, 6, 8)  # of the table of margins


class Training(TypedDict):
    """incontext.parity.training of the configuration."""

    heads: list[int]
    rare: list[float]
    examples: int
    starts: int
    steps: int
    batch: int
    rate: float
    test_examples: list[int]
    test_prompts: int


class Parity(TypedDict):
    """incontext.parity of the configuration."""

    features: int
    covered: int
    g: float
    examples: list[int]
    flips: list[float]
    prompts: int
    training: NotRequired[Training]


def margins(settings: Parity) -> pd.DataFrame:
    """Heads of both kinds for several numbers of features."""
    rows = []
    for d in sorted({8, settings["features"]}):
        for k in (k for k in COVERED if k <= d):
            for name, heads in {"bits": coded_heads(k, d), "numbers": numbered_heads(k, d)}.items():
                lowest = exact_margins(heads, pairs(k), settings["g"]).min()
                rows.append((name, k, d, len(heads), lowest, heads.largest_weight, lowest / heads.largest_weight))
    return pd.DataFrame(rows, columns=MARGINS.names)


def accuracies(settings: Parity, seed: int) -> pd.DataFrame:
    """Accuracy of heads that cover k features and of heads that cover all, on both kinds of tasks."""
    d, k, rows = settings["features"], settings["covered"], []
    tasks = {FREQUENT: pairs(k), UNCOVERED: pairs(d, k)}
    shares = {FREQUENT: distances(k), UNCOVERED: distances(d, k)}
    weights = probabilities(settings["g"])
    for covered in (k, d):
        heads = coded_heads(covered, d)
        for name, of_tasks in tasks.items():
            for n in settings["examples"]:
                for flips in settings["flips"]:
                    setting = Setting(n, settings["g"], flips)
                    answers = np.array([0.5, 0.5])
                    if covered == d or name == FREQUENT:
                        by_distance = [
                            share * np.array(accuracy_at(h, covered, setting)) for h, share in shares[name].items()
                        ]
                        answers = np.sum(by_distance, axis=0)
                    # The same prompts for both sizes.
                    rng = np.random.default_rng([seed, n, round(1000 * flips), int(name == FREQUENT)])
                    chosen = np.array(of_tasks)[rng.integers(0, len(of_tasks), settings["prompts"])]
                    found = right(heads, chosen, draw_shown(chosen, d, setting, rng), rng)
                    whole = found @ weights
                    error = whole.std(ddof=1) / math.sqrt(len(whole))
                    rows.append(
                        (covered, name, n, flips, answers.mean(), *answers, whole.mean(), error, *found.mean(axis=0))
                    )
    return pd.DataFrame(rows, columns=ACCURACY.names)


def order(found: pd.DataFrame, settings: Parity) -> pd.DataFrame:
    """Where the order of the sizes turns, from the accuracies; errors as if those were independent."""
    k, d, rows = settings["covered"], settings["features"], []
    cells = {(row["covered"], row["tasks"], row["examples"], row["flips"]): row for row in found.to_dict("records")}
    for n in settings["examples"]:
        for flips in (e for e in settings["flips"] if e < 0.5):
            small, large, beyond = (
                cells[covered, tasks, n, flips] for covered, tasks in ((k, FREQUENT), (d, FREQUENT), (d, UNCOVERED))
            )
            share = turning_share(small["accuracy"], large["accuracy"], beyond["accuracy"])
            drawn = turning_share(small["simulated"], large["simulated"], beyond["simulated"])
            # share = edge / (edge + gain): derivatives by edge and by gain.
            edge, gain = small["simulated"] - large["simulated"], beyond["simulated"] - 0.5
            of_edge = math.hypot(small["simulated_error"], large["simulated_error"])
            error = math.hypot(gain * of_edge, edge * beyond["simulated_error"]) / (edge + gain) ** 2
            rows.append((n, flips, share, drawn, error))
    return pd.DataFrame(rows, columns=ORDER.names)
