"""Accuracy, slopes and models side by side under noise, against loops and least squares by other means."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scripts.project import describe_real_models as describe
from statsmodels.stats.multitest import multipletests

from readalike.files.contracts.incontext_models import ANSWERS, NOISE_SLOPES, NOISY_LOOKS
from readalike.files.tables import write_table
from readalike.incontext import noise
from readalike.incontext.noise_verdict import noise_lines
from readalike.statistics.crossed import crossed

RATES = (0.0, 0.25, 0.5, 0.75, 1.0)
LABELS = ("no", "yes")
KINDS = [LABELS[item % 2] for item in range(12)]


def answers(
    model: str, fall: float, *, seed: int, clean: float = 0.9, items: int = 12, sets: int = 4, templates: int = 2,
    task: str = "t", labels: tuple[str, ...] = LABELS,
) -> pd.DataFrame:  # fmt: skip
    """Of a model that is right with probability clean + fall * rate, plus what an item and a set do to it."""
    rng = np.random.default_rng(seed)
    of_items, of_sets = rng.normal(0, 0.08, items), rng.normal(0, 0.05, sets)
    rows = []
    for kind, rate in [("labels", rate) for rate in RATES] + [("none", 0.0)]:
        for template in range(templates):
            for number in range(sets if kind != "none" else 1):
                for item in range(items):
                    right = labels[item % len(labels)]
                    p = clean + fall * rate + of_items[item] + of_sets[number]
                    good = rng.uniform() < p
                    other = labels[(item + 1) % len(labels)]
                    nats = rng.normal(1, 0.1) if good else -rng.normal(1, 0.1)
                    shown = 8 if kind != "none" else 0
                    keys = (model, task, kind, rate, template, number, 10 + item)
                    plain, turned = (right, other) if good else (other, right), -nats
                    rows.append((*keys, shown, right, plain[0], nats, plain[1], turned, -1.0, "{}", "{}"))
    return pd.DataFrame(rows, columns=ANSWERS.names).sample(frac=1, random_state=seed).reset_index(drop=True)


def by_hand(frame: pd.DataFrame, column: str = "right") -> np.ndarray:
    """(items, sets) slopes, one polyfit a cell."""
    own = frame[frame["noise"] == "labels"].assign(right=lambda f: (f["answer"] == f["label"]).astype(float))
    result = np.zeros((own["item"].nunique(), own["set"].nunique()))
    for i, item in enumerate(sorted(own["item"].unique())):
        for s in sorted(own["set"].unique()):
            cell = own[(own["item"] == item) & (own["set"] == s)].groupby("rate")[column].mean()
            result[i, s] = np.polyfit(cell.index, cell, 1)[0]
    return result


FRAME = answers("m", -0.4, seed=1)
CUBES = noise.cubes(FRAME)
SLOPES = noise.slope_table(CUBES, {"m": 1000}, {"t": 0.6}).set_index("score")


def test_a_slope_is_that_of_every_item_and_set() -> None:
    row, cells = SLOPES.loc["plain"], by_hand(FRAME)
    expected = crossed(cells, KINDS)
    assert row["slope"] == pytest.approx(cells.mean(), abs=1e-12)
    assert tuple(row[["slope_low", "slope_high", "df", "p"]]) == pytest.approx(
        (expected.low, expected.high, expected.df, expected.p), rel=1e-9
    )
    of_margin = crossed(by_hand(FRAME, "margin"), KINDS)
    assert tuple(row[["margin_slope", "margin_slope_low"]]) == pytest.approx((of_margin.estimate, of_margin.low))
    right = FRAME["answer"] == FRAME["label"]
    of = FRAME["noise"] == "labels"
    assert row["clean"] == pytest.approx(right[of & (FRAME["rate"] == 0)].mean())
    last = right[of & (FRAME["rate"] == 1)].mean()
    assert row["drop"] == pytest.approx(row["clean"] - last)
    assert row["follows"] == pytest.approx(1 - last)
    assert row["normalised_drop"] == pytest.approx((row["clean"] - last) / (row["clean"] - 0.5))
    assert row["zero_shot"] == pytest.approx(right[FRAME["noise"] == "none"].mean())
    assert (row["bag_of_words"], row["chance"], row["items"], row["sets"]) == (0.6, 0.5, 12, 4)
    assert not row["at_chance"]
    # What was right is wrong after calibration, by construction.
    assert SLOPES.loc["calibrated", "slope"] == pytest.approx(-row["slope"])
    assert SLOPES.loc["calibrated", "at_chance"]
    assert np.isnan(SLOPES.loc["calibrated", "normalised_drop"])


def test_accuracy_is_a_mean_over_items_sets_and_templates() -> None:
    table = noise.accuracy_table(CUBES)
    for rate in RATES:
        own = FRAME[(FRAME["noise"] == "labels") & (FRAME["rate"] == rate)]
        row = table[(table["rate"] == rate) & (table["score"] == "plain")].iloc[0]
        assert row["accuracy"] == pytest.approx((own["answer"] == own["label"]).mean())
        assert row["margin"] == pytest.approx(own["margin"].mean())
        assert row["accuracy_low"] < row["accuracy"] < row["accuracy_high"]


def test_slopes_of_templates_and_sets_have_the_whole_slope_as_their_mean() -> None:
    table = noise.set_table(CUBES).query("score == 'plain'")
    assert len(table) == 2 * 4
    assert table["slope"].mean() == pytest.approx(SLOPES.loc["plain", "slope"])
    own = FRAME[(FRAME["noise"] == "labels") & (FRAME["template"] == 1) & (FRAME["set"] == 2)]
    right = (own["answer"] == own["label"]).groupby(own["rate"]).mean()
    row = table[(table["template"] == 1) & (table["set"] == 2)].iloc[0]
    assert row["slope"] == pytest.approx(np.polyfit(right.index, right, 1)[0])


def test_with_more_labels_nothing_follows_them() -> None:
    four = answers("m", -0.3, seed=4, labels=("a", "b", "c", "d"))
    row = noise.slope_table(noise.cubes(four), {"m": 1}, {"t": 0.3}).iloc[0]
    assert row["chance"] == 0.25
    assert np.isnan(row["follows"])


def of_pairs(frames: list[pd.DataFrame], **comparisons: list[tuple[str, str]]) -> pd.DataFrame:
    found = noise.cubes(pd.concat(frames, ignore_index=True))
    return noise.pair_table(found, comparisons, {key[0]: 100 * 2**k for k, key in enumerate(found)})


def test_models_are_compared_item_by_item_and_set_by_set() -> None:
    a, b = answers("a", -0.1, seed=5), answers("b", -0.6, seed=6)
    other = [answers("a", -0.1, seed=7, task="u"), answers("b", -0.5, seed=8, task="u")]
    able = [answers(name, 0.0, seed=9, clean=0.5, task="v") for name in ("a", "b")]
    pairs = of_pairs([a, b, *other, *able], scaling=[("a", "b")], tuning=[])
    plain = pairs[pairs["score"] == "plain"].set_index("task")
    expected = crossed(by_hand(b) - by_hand(a), KINDS)
    row = plain.loc["t"]
    assert (row["difference"], row["difference_low"], row["p"]) == pytest.approx(
        (expected.estimate, expected.low, expected.p), rel=1e-9
    )
    assert row["slope_b"] - row["slope_a"] == pytest.approx(row["difference"])
    assert plain.loc["v", "left_out"] == "at chance: a and b"
    assert np.isnan(plain.loc["v", "p"])
    second = crossed(by_hand(other[1]) - by_hand(other[0]), KINDS)
    pooled = plain.loc["all"]
    assert pooled["tasks"] == 2
    assert pooled["difference"] == pytest.approx((expected.estimate + second.estimate) / 2)
    squares = np.array([expected.error, second.error]) ** 2 / 4
    df = squares.sum() ** 2 / (squares**2 / [expected.df, second.df]).sum()
    t = pooled["difference"] / np.sqrt(squares.sum())
    assert pooled["p"] == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)
    tasks = plain.loc[["t", "u"]]
    assert tasks["p_holm"].tolist() == pytest.approx(multipletests(tasks["p"], method="holm")[1].tolist())
    assert pooled["p_holm"] == pytest.approx(pooled["p"])


@pytest.mark.parametrize("relabelled", ["items", "answers"])
def test_where_two_models_are_one_they_are_rarely_told_apart(relabelled: str) -> None:
    """200 times base and tuned are exchanged at random: of items, or of each cell of items and sets."""
    rng = np.random.default_rng(2)
    found = noise.cubes(
        pd.concat([answers("a", -0.3, seed=10, items=24, sets=6), answers("b", -0.5, seed=11, items=24, sets=6)])
    )
    difference = noise.slopes_on(
        np.array(RATES), found["b", "t", "labels", "plain"].right - found["a", "t", "labels", "plain"].right
    )
    shape = (24, 1) if relabelled == "items" else difference.shape
    rejected = [crossed(difference * rng.choice([-1, 1], size=shape)).p < 0.05 for _ in range(200)]
    assert 0.015 <= np.mean(rejected) <= 0.095


def test_a_slope_on_size_has_a_p_from_five_sizes_on() -> None:
    slopes = pd.DataFrame(
        {
            **{"model": [f"m{k}" for k in range(6)], "task": "t", "noise": "labels", "score": "plain"},
            **{"parameters": [1e6, 2e6, 4e6, 8e6, 16e6, 32e6], "slope": [-0.1, -0.18, -0.2, -0.35, -0.4, 0.0]},
            "at_chance": [False] * 5 + [True],
        }
    )
    row = noise.size_table(slopes).iloc[0]
    fitted = stats.linregress(np.log2(slopes["parameters"][:5]), slopes["slope"][:5])
    assert (row["slope"], row["p"]) == pytest.approx((fitted.slope, fitted.pvalue))
    half = stats.t.ppf(0.975, 3) * fitted.stderr
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((fitted.slope - half, fitted.slope + half))
    few = noise.size_table(slopes.iloc[1:]).iloc[0]
    assert few["slope"] < 0
    assert np.isnan([few["p"], few["ci_low"]]).all()
    assert few["why"] == "4 sizes clear of chance; a test needs 5"
    one = noise.size_table(slopes.iloc[:1]).iloc[0]
    assert np.isnan(one["slope"])


def lines(frames: list[pd.DataFrame], words: float = 0.55, **comparisons: list[tuple[str, str]]) -> dict[str, str]:
    found = noise.cubes(pd.concat(frames, ignore_index=True))
    sizes = {name: 1000 * (k + 1) for k, name in enumerate(sorted({key[0] for key in found}))}
    slopes = noise.slope_table(found, sizes, dict.fromkeys({key[1] for key in found}, words))
    pairs = noise.pair_table(found, {"scaling": [], "tuning": [], **comparisons}, sizes)
    looks = pd.DataFrame(
        [
            (name, "t", "labels", 0.5, "all", *[0.2] * 3, 0.2, low, 0.3, 0.01, 40)
            for name, low in zip(sizes, (0.1, -0.1), strict=False)
        ],
        columns=NOISY_LOOKS.names,
    )
    told = list(noise_lines(slopes, pairs, noise.size_table(slopes), looks))
    return {line.partition(":")[0].partition(",")[0]: line for line in told}


def test_the_verdict_says_what_was_planted() -> None:
    told = lines(
        [answers("a", 0.0, seed=20, sets=8), answers("b", -0.8, seed=21, sets=8)],
        scaling=[("a", "b")],
        tuning=[("b", "a")],
    )
    assert "a (1k) 0." in told["Task t"]
    assert "chance 0.50, counts of words 0.55. 12 items, 8 sets" in told["Task t"]
    assert "in 1 of 2" in told["Accuracy falls with noise in the demonstrations (labels)"]
    assert "follow labels that are all flipped" in told["Accuracy falls with noise in the demonstrations (labels)"]
    assert told["The larger model of a pair falls faster (labels)"].splitlines()[0].endswith(": yes.")
    assert told["The tuned model of a pair falls faster (labels)"].splitlines()[0].endswith(": no, slower.")
    looks = told["Noisy demonstrations are looked at more than intact ones (labels)"]
    assert "1 more, 1 cannot tell" in looks
    assert "b, t: cannot tell, +0.200 [-0.100, +0.300]" in looks
    assert told["No effect of size can be tested over all models"].endswith("a test needs 5.")


def test_a_model_at_chance_is_named_and_compared_with_none() -> None:
    told = lines([answers("a", 0.0, seed=30, clean=0.5), answers("b", -0.5, seed=31)], words=0.8, scaling=[("a", "b")])
    assert "at chance" in told["Task t"]
    assert "too easy, words alone tell" in told["Task t"]
    assert "cannot tell, no task that both can do" in told["The larger model of a pair falls faster (labels)"]
    assert "not asked here" in told["The tuned model of a pair falls faster (labels)"]
    none = lines([answers("a", 0.0, seed=30, clean=0.5)])
    assert none["Accuracy falls with noise in the demonstrations (labels)"].endswith("every model is at chance.")


def test_a_slope_whose_interval_has_zero_in_it_is_no_fall() -> None:
    for seed in range(50, 60):
        frame = answers("a", -0.08, seed=seed, items=8, sets=3)
        row = noise.slope_table(noise.cubes(frame), {"a": 1}, {"t": 0.5}).iloc[0]
        if row["slope"] < 0 < row["slope_high"] and not row["at_chance"]:
            break
    told = lines([frame])["Accuracy falls with noise in the demonstrations (labels)"]
    assert ": cannot tell, of models" in told


def test_two_models_that_differ_by_nothing_cannot_be_told_apart() -> None:
    told = lines([answers("a", -0.3, seed=40), answers("b", -0.3, seed=41)], scaling=[("a", "b")])
    assert told["The larger model of a pair falls faster (labels)"].splitlines()[0].endswith(": cannot tell.")


def test_the_page_of_the_real_models_tells_what_the_tables_say(tmp_path: Path) -> None:
    assert describe._noise(tmp_path) == "Not asked in this run.\n"
    frames = [answers("a", 0.0, seed=20, clean=0.5), answers("b", -0.6, seed=21, sets=8)[lambda f: f["set"] < 4]]
    table = noise.slope_table(noise.cubes(pd.concat(frames)), {"a": 10**6, "b": 2 * 10**6}, {"t": 0.5})
    (tmp_path / "incontext").mkdir()
    write_table(tmp_path / "incontext" / "noise-slopes.csv", table, NOISE_SLOPES)
    (tmp_path / "incontext" / "verdict.txt").write_text("One claim: yes.\n    b, t: slope\n", encoding="utf-8")
    page = describe._noise(tmp_path)
    assert "- One claim: yes.\n  - b, t: slope\n" in page
    row = table.query("model == 'b' and score == 'plain'").iloc[0]
    calibrated = table.query("model == 'b' and score == 'calibrated'").iloc[0]
    shown = f"{row['zero_shot']:.2f} | {row['clean']:.2f} | {row['slope']:+.2f} ({row['slope_low']:+.2f} to"
    assert f"| b | 2M | t | labels | {shown}" in page
    assert f"| {row['follows']:.2f} | {calibrated['clean']:.2f} | {calibrated['slope']:+.2f} (" in page
    assert "(at chance)" in page
