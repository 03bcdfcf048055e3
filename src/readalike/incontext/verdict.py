"""One line a claim about size and learning from context: whether it holds here, when, and by which numbers."""

import math
from collections.abc import Iterator

import pandas as pd

NOTHING = 0.1  # share of a slope below which a direction is not read
LARGE = 3  # standard errors from which a difference counts


def regression_lines(risk: pd.DataFrame, crossings: pd.DataFrame) -> Iterator[str]:
    """Claims about rank."""
    examples = int(crossings["examples"].iloc[0])
    labels = crossings[crossings["noise_in"] == "labels"]
    own = labels[labels["demonstrations"] == examples].sort_values("rank")
    places = ", ".join(
        f"{row.crossing:.3g} (drawn {row.simulated:.3g} +- {row.simulated_error:.2g})" for row in own.itertuples()
    )
    yield (
        f"Smaller ranks are more robust to noise in the labels shown: yes, when it was not there in training. "
        f"With M = N = "
        f"{examples}, ranks 1 to {len(own)} beat the one below them up to a variance of {places}."
    )
    both = risk[risk["noise_in"] == "both"]
    wins = [part.sort_values("rank")["risk"].diff().max() >= 0 for _, part in both.groupby("noise")]
    yield (
        "Smaller ranks are more robust when training labels are as noisy, and M = N: "
        f"{'yes' if any(wins) else 'no'}, at {sum(wins)} of {len(wins)} levels of noise; the largest rank has "
        f"the least risk."
    )
    total = risk.loc[risk["rank"] == 0, "risk"].iloc[0]
    inputs = crossings[crossings["noise_in"] == "inputs"].sort_values("rank")
    inputs = inputs[inputs["demonstrations"] == examples]
    ratio = inputs["crossing"].to_numpy() / (own["crossing"].to_numpy() / total)
    yield (
        "Noise in inputs cuts off the same ranks as noise in labels: yes, but smaller directions sooner. White noise "
        f"crosses at the variance of the direction, {ratio[0]:.3g} to {ratio[-1]:.3g}, times the crossing of labels "
        f"over the signal's variance."
    )
    drawn = risk[(risk["simulated_error"] > 0)]
    away = ((drawn["simulated"] - drawn["risk"]) / drawn["simulated_error"]).abs()
    yield (
        f"Formulas of the risk agree with drawn prompts: {int((away < LARGE).sum())} of {len(away)} within "
        f"{LARGE} standard errors "
        f"(neighbouring cells share prompts); the farthest is {away.max():.2f} away."
    )


def parity_lines(accuracy: pd.DataFrame, order: pd.DataFrame, margins: pd.DataFrame) -> Iterator[str]:
    """Claims about closed-form heads."""
    few = margins[margins["weights"] == "numbers"]
    bits = margins[margins["weights"] == "bits"]
    yield (
        f"More heads are needed to cover more features: no. {int(few['heads'].max())} heads cover "
        f"{int(few['covered'].max())} features; "
        f"{int(bits['heads'].max())} do it with "
        f"{bits['margin_by_weight'].iloc[-1] / few['margin_by_weight'].iloc[-1]:.2g} times the "
        "margin a weight."
    )
    small, large = accuracy["covered"].min(), accuracy["covered"].max()
    frequent = accuracy[(accuracy["tasks"] == "frequent") & (accuracy["flips"] < 0.5)]
    wide = frequent.pivot(index=["examples", "flips"], columns="covered", values="accuracy")
    ahead = int((wide[small] > wide[large]).sum())
    yield (
        f"Heads that cover {small} features are more accurate on these than heads that cover {large}: yes, in "
        f"{ahead} of {len(wide)} settings, "
        "without flipped labels as well as with them."
    )
    yield (
        f"Over all tasks the order turns: yes, at a share of uncovered tasks from {order['share'].min():.2f} "
        f"to {order['share'].max():.2f}, "
        "higher with more flipped labels and with fewer demonstrations."
    )
    away = accuracy[accuracy["simulated_error"] > 0]
    far = ((away["simulated"] - away["accuracy"]) / away["simulated_error"]).abs()
    yield (
        f"The normal limit agrees with drawn prompts: {int((far < LARGE).sum())} of {len(far)} accuracies "
        f"within {LARGE} standard errors; "
        f"the farthest is {far.max():.2f} away."
    )


def trained_regression_lines(trained: pd.DataFrame) -> Iterator[str]:
    """Whether descent finds what the formula names."""
    starts = trained.drop_duplicates(["rank", "start"])
    parts = []
    largest = trained.assign(kept=trained["kept"].abs()).groupby(["rank", "start"])["kept"].max()
    for rank, own in starts.groupby("rank"):
        best = own.sort_values("loss").iloc[0]
        parts.append(
            f"rank {rank}: best start {best['gap']:+.4f} +- {best['gap_error']:.4f} from the optimum, "
            f"{int(own['stuck'].astype(bool).sum())} of {len(own)} starts read fewer directions than they could, "
            f"{int((largest[rank] < NOTHING).sum())} none"
        )
    yield f"Trained layers reach the optimum of their rank: {'; '.join(parts)}."


def trained_parity_lines(tested: pd.DataFrame, weight: pd.DataFrame, covered: int) -> Iterator[str]:
    """Claims about trained heads: a mean over starts with its standard error."""
    on_covered = (
        weight[weight["feature"] <= covered].groupby(["z", "rare", "heads", "start"])["weight"].sum().reset_index()
    )
    for z, words in (("finite", "few demonstrations"), ("exact", "endlessly many, the control")):
        for rare in sorted(on_covered["rare"].unique()):
            own = on_covered[(on_covered["z"] == z) & (on_covered["rare"] == rare)]
            shares = own.groupby("heads")["weight"].agg(["mean", "sem"])
            first, last = shares.iloc[0], shares.iloc[-1]
            lower = first["mean"] - last["mean"] > LARGE * math.hypot(first["sem"], last["sem"])
            listed = ", ".join(f"{m} heads {row['mean']:.3f} +- {row['sem']:.3f}" for m, row in shares.iterrows())
            yield (
                f"More heads put less of their weight on the {covered} frequent features ({words}, rare tasks "
                f"{rare:g}): "
                f"{'yes' if lower else 'no'}: {listed}."
            )
    finite = tested[(tested["z"] == "finite") & (tested["tasks"] == "frequent")]
    most = finite["heads"].max()
    for (rare, n), own in finite.groupby(["rare", "examples"]):
        wide = own.pivot(index=["flips", "start"], columns="heads", values="accuracy")
        for fewer in sorted(set(wide.columns) - {most}):
            ahead = (wide[fewer] - wide[most]).groupby("flips").agg(["mean", "sem"])
            ahead = ahead[ahead.index < 0.5]
            wins = ahead[ahead["mean"] > LARGE * ahead["sem"]].index
            found = f"yes, at {', '.join(f'{e:g}' for e in wins)} flipped" if len(wins) else "no, at no rate of flips"
            listed = ", ".join(f"{e:g}: {row['mean']:+.4f} +- {row['sem']:.4f}" for e, row in ahead.iterrows())
            yield (
                f"{fewer} trained heads beat {most} on frequent tasks (N = {n}, rare tasks {rare:g}): {found}; "
                f"ahead by rate of flips {listed}."
            )
