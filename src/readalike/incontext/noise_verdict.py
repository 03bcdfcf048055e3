"""What models did under noise in their context, a line a claim: yes, no, or cannot tell, and by which numbers.

One way to ask was chosen for each claim beforehand: the plain score, accuracy, and for two models the mean over the
tasks that both can do.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from readalike.incontext.looks import ALL_LAYERS
from readalike.incontext.noise import ALL_TASKS, PLAIN, SIZES
from readalike.incontext.prompts import SHAM_RATE
from readalike.sizes import size_name

SIGNIFICANT = 0.05
CANNOT_TELL = "cannot tell"
# Part of the way from chance to all right from which counts of words are said to solve a task.
SOLVED = 0.5
CLAIMS = {"scaling": "The larger model of a pair falls faster", "tuning": "The tuned model of a pair falls faster"}


def noise_lines(slopes: pd.DataFrame, pairs: pd.DataFrame, sizes: pd.DataFrame, noisy: pd.DataFrame) -> Iterator[str]:
    """Claims about models, from `NOISE_SLOPES`, `NOISE_PAIRS`, `NOISE_SIZES` and `NOISY_LOOKS`."""
    plain = slopes[slopes["score"] == PLAIN].assign(at_chance=lambda own: own["at_chance"].astype(bool))
    yield from _tasks(plain)
    for noise, own in plain.groupby("noise", sort=False):
        yield _falls(str(noise), own[~own["at_chance"]])
        for comparison in CLAIMS:
            of = pairs[(pairs["comparison"] == comparison) & (pairs["noise"] == noise) & (pairs["score"] == PLAIN)]
            yield _side_by_side(comparison, str(noise), of[of["task"] == ALL_TASKS])
        yield _looks(str(noise), noisy[(noisy["noise"] == noise) & (noisy["layer"] == ALL_LAYERS)])
    yield _sizes(sizes[sizes["score"] == PLAIN])


def _tasks(plain: pd.DataFrame) -> Iterator[str]:
    """What each model can do at all, and whether words alone could."""
    for task, own in plain.groupby("task", sort=False):
        once = own.drop_duplicates("model")
        first = once.iloc[0]
        words, chance = first["bag_of_words"], first["chance"]
        easy = words - chance > SOLVED * (1 - chance)
        listed = ", ".join(
            f"{row['model']} ({size_name(row['parameters'])}) {row['clean']:.2f}"
            + (" at chance" if row["at_chance"] else "")
            for row in _rows(once)
        )
        yield (
            f"Task {task}, accuracy with right demonstrations: {listed}; chance {chance:.2f}, counts of words "
            f"{words:.2f}{': too easy, words alone tell' if easy else ''}. {int(first['items'])} items, "
            f"{int(first['sets'])} sets of demonstrations."
        )


def _falls(noise: str, able: pd.DataFrame) -> str:
    claim = f"Accuracy falls with noise in the demonstrations ({noise})"
    if able.empty:
        return f"{claim}: cannot tell, every model is at chance."
    falls = int((able["slope_high"] < 0).sum())
    entries = [
        f"{row['model']}, {row['task']}: slope {_estimate(row, 'slope', 2)}"
        + (f"; {row['follows']:.0%} follow labels that are all flipped" if row["follows"] == row["follows"] else "")
        for row in _rows(able)
    ]
    answer = "yes" if falls == len(able) else f"in {falls} of {len(able)}" if falls else "cannot tell"
    return _listed(f"{claim}: {answer}, of models and tasks clear of chance.", entries)


def _side_by_side(comparison: str, noise: str, of: pd.DataFrame) -> str:
    claim = f"{CLAIMS[comparison]} ({noise})"
    if of.empty:
        return f"{claim}: not asked here, no such pair was asked."
    words, entries = [], []
    for row in _rows(of):
        name = f"{row['a']} and {row['b']}"
        if row["left_out"]:
            words.append(CANNOT_TELL)
            entries.append(f"{name}: {CANNOT_TELL}, {row['left_out']}")
            continue
        found = row["p_holm"] < SIGNIFICANT
        words.append(CANNOT_TELL if not found else "yes" if row["difference"] < 0 else "no, slower")
        entries.append(
            f"{name}: {words[-1]}, difference of slopes {_estimate(row, 'difference', 2)}, p {row['p_holm']:.2g}, "
            f"{row['tasks']} task{'s' if row['tasks'] > 1 else ''}"
        )
    answer = words[0] if len(set(words)) == 1 else "pairs differ"
    return _listed(f"{claim}: {answer}.", entries)


def _looks(noise: str, own: pd.DataFrame) -> str:
    claim = f"Noisy demonstrations are looked at more than intact ones ({noise})"
    rates = [rate for rate in sorted(own.loc[own["p"].notna(), "rate"].unique()) if rate > 0]
    if not rates:
        return f"{claim}: not asked here."
    middle = min(rates, key=lambda rate: abs(rate - SHAM_RATE))
    entries, words = [], []
    for row in _rows(own[own["rate"] == middle]):
        more, less = row["above_control_low"] > 0, row["above_control_high"] < 0
        words.append("more" if more else "less" if less else CANNOT_TELL)
        entries.append(f"{row['model']}, {row['task']}: {words[-1]}, {_estimate(row, 'above_control', 3)}")
    counted = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    return _listed(
        f"{claim}: {counted}. Log ratio a token above the control, rate {middle:g}, over all layers:", entries
    )


def _sizes(sizes: pd.DataFrame) -> str:
    most = int(sizes["sizes"].max())
    if most < SIZES:
        return (
            f"No effect of size can be tested over all models: at most {most} sizes are clear of chance in a "
            f"task, and a test needs {SIZES}."
        )
    listed = "; ".join(
        f"{row['task']}, {row['noise']} {row['slope']:+.3f} [{row['ci_low']:+.3f}, {row['ci_high']:+.3f}], "
        f"p {row['p']:.2g}, {row['sizes']} sizes"
        for row in _rows(sizes[sizes["sizes"] >= SIZES])
    )
    return f"Slopes on size, a doubling, over all models (families differ in more than size): {listed}."


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _estimate(row: dict[str, Any], name: str, digits: int) -> str:
    estimate, low, high = (f"{row[column]:+.{digits}f}" for column in (name, f"{name}_low", f"{name}_high"))
    return f"{estimate} [{low}, {high}]"


def _listed(claim: str, entries: list[str]) -> str:
    return "\n    ".join([claim, *entries])
