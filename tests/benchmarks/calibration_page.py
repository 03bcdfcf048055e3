"""docs/calibration.md of the counts that `calibration.py` makes."""

import numpy as np
import pandas as pd

from tests.benchmarks.calibration_worlds import DESIGNS, PLANTED

LEVEL = 0.05
WIDE = 2.4  # standard errors of a rate about 5 percent that count as right: 34 to 66 of 1,000
COLUMNS = ["design", "question", "test", "seeds", "rejected", "ratio", "mean", "covered"]


def verdict(rejected: int, seeds: int) -> str:
    """Whether so many rejections of what is true are right."""
    away = (rejected - LEVEL * seeds) / np.sqrt(LEVEL * (1 - LEVEL) * seeds)
    return "right" if abs(away) <= WIDE else "**too often**" if away > 0 else "too rarely"


def page(table: pd.DataFrame) -> str:
    """The tables; the words before and after stand in `WORDS`."""
    lines = [INTRODUCTION.replace("SEEDS", f"{table['seeds'].max():,}")]
    for design, of_design in table.groupby("design", sort=False):
        power = design in (PLANTED, NO_DIFFERENCE)
        lines += [f"## {TITLES[design] if design in TITLES else DESIGNS[str(design)].truth}", ""]
        lines += [f"{of_design['seeds'].iloc[0]:,} seeds.", ""]
        heads = ["question", "test", "finds it" if power else "rejects", "standard error / true spread"]
        lines += [f"| {' | '.join([*heads, 'difference' if power else 'so it is'])} |", "|---|---|---|---|---|"]
        for row in of_design.to_dict("records"):
            ratio = "" if np.isnan(row["ratio"]) else f"{row['ratio']:.2f}"
            last = verdict(row["rejected"], row["seeds"])
            if power:
                last = "" if np.isnan(row["mean"]) else f"{row['mean']:.4f}"
            cells = [row["question"], row["test"], f"{100 * row['rejected'] / row['seeds']:.1f} percent", ratio, last]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    missing = [f"`{name}` ({design.truth})" for name, design in DESIGNS.items() if name not in set(table["design"])]
    if missing:
        lines += ["## Not run", "", "What is said of these below rests on reasoning and on smaller trials.", ""]
        lines += [*(f"- {name}" for name in missing), ""]
    return "\n".join([*lines, READING])


BOUNDS, AT_BOUND, NO_DIFFERENCE = "bounds", "at the bound", "no difference"
TITLES = {
    AT_BOUND: "Equivalence, where the true difference is the bound: 'equivalent' is wrong",
    NO_DIFFERENCE: "Equivalence, where there is no difference: 'equivalent' is right",
}
INTRODUCTION = """# How often the tests are wrong

```sh
make calibrate
```

writes this page; no number in a table was typed. Texts and readers are simulated up to SEEDS times for
each design, and the truth is known. Unless said otherwise 60 sentences in five articles, 24 readers a group, three
layers of five heads. Readers share what the text does to them; they differ in how fast they read, and in how much
places of words and the text matter to them. Two-sided tests at 5 percent. `right`: as many rejections as 5 percent
give by chance, within 2.4 standard errors (34 to 66 of 1,000).

- **t over readers**, and **flips of readers** or **equivalence over readers**: the sentences taken as fixed, as the
  paper does.
- **clustered t** and **flips of sentences and readers**: both as drawn, as `statistics/*.csv` have them
  (`src/readalike/statistics/clustered.py`). Of flips and a largest t: whether anything in the family is rejected.
- **flips of sentences**: signs of sentences only, which leaves out of the null what readers differ in; to compare.
"""
READING = """## What to make of it
- Where attention resembles readers, which is so of every model that we know, a test of tuned against base that takes
  the sentences as fixed rejects what is true many times too often, and one that takes them as drawn does not.
- Where attention has nothing to do with any reader, the clustered variance of a difference in sample is up to twice
  the true one: to the first order there is no variance, and of the second order, which is left, it counts each
  sentence twice over. Tests are too rare there, not wrong; scores there are those of shuffled attention.
- Between groups nearly all that varies is the readers, so that t over readers is right too on `r2`. Not so over a
  ceiling: a ceiling is made of the readers who are drawn, which the clustered variance counts (`Sums.cross`) and a t
  over readers does not.
- `thinned` takes the share of saccades that are kept as given, although it follows from both groups' readers. What it
  removes is a part of how they differ, so that the error is too large, and the test too rare, where readers differ
  much in how often they look back.
- Sentences are taken as independent. Where a whole article favours a model the test is wrong, and five articles are
  too few to mend it: such a claim needs more texts.
"""
