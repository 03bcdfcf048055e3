"""docs/calibration.md of the counts that `calibration.py` makes."""

from datetime import date

import numpy as np
import pandas as pd

from tests.benchmarks.calibration_worlds import DESIGNS, PLANTED

LEVEL = 0.05
TOO_OFTEN, TOO_RARELY = "**too often**", "too rarely"
# Designs without a difference, and as many readers in both groups: what groups of unlike size have in common is no
# ceiling.
NULLS = ("own", "one", "swap", "alike")
TUNING, GROUPS, NOTHING = "tuned against base", "one group against another", "attention against nothing"
OF_TIMES = "what a predictor gains of reading times"
OF_SLOPES = "slope of a predictor on reading times"
OF_ARTICLES = "whether articles differ in tuned against base"
OF_DIVERGENCE, OF_INSTRUCTIONS = "divergence above near-twins", "sensitivity to an instruction"
# Where nothing is shuffled attention does resemble readers, so that rejecting is right. Tests of groups have to be
# right where one is smaller, too; of that there is no column.
NULLS_OF = {NOTHING: ("own", "one", "swap"), GROUPS: (*NULLS, "unequal")}
# What no test of models passes that takes sentences as independent.
ARTICLES = "articles"
WIDE = 2.4  # standard errors of a rate about 5 percent that count as right: 34 to 66 of 1,000
# Of 95 percent intervals how many cover the truth, and how many are wholly below it; where that is not kept it is NaN.
COLUMNS = ["design", "question", "test", "seeds", "rejected", "ratio", "mean", "covered", "below"]
# Of one group: what t is adjusted for, where it is not as the workflow does it.
NOT_ADJUSTED, ADJUSTED = "not adjusted for skewness", "adjusted for skewness"
OF_SENTENCES_TOO = "adjusted for that of sentences too"
# Shown to compare.
NOT_IN_THE_WORKFLOW = (NOT_ADJUSTED, ADJUSTED, OF_SENTENCES_TOO, "less interactions of sentences", "flips of sentences")


def verdict(rejected: int, seeds: int) -> str:
    """Whether so many rejections of what is true are right."""
    away = (rejected - LEVEL * seeds) / np.sqrt(LEVEL * (1 - LEVEL) * seeds)
    return "right" if abs(away) <= WIDE else TOO_OFTEN if away > 0 else TOO_RARELY


def page(table: pd.DataFrame, truth: pd.DataFrame, day: date) -> str:
    """table : counts, COLUMNS; truth : scores where the truth is known, as `known_truth.COLUMNS`; day : of this page"""
    seeds = int(table["seeds"].max())
    lines = [INTRODUCTION.replace("SEEDS", f"{seeds:,}").replace("LAST", f"{seeds - 1:,}").replace("DAY", f"{day}")]
    lines += at_a_glance(table)
    for design, of_design in table.groupby("design", sort=False):
        power = design in (PLANTED, NO_DIFFERENCE, DO_DIFFER, MODELS_PLANTED, TIMES_PLANTED, TIMES_NO_GAIN)
        lines += [f"## {TITLES[design] if design in TITLES else DESIGNS[str(design)].truth}", ""]
        lines += [f"{of_design['seeds'].iloc[0]:,} seeds.", ""]
        heads = ["question", "test", "finds it" if power else "rejects", "standard error / true spread"]
        heads += ["95 percent interval covers", "is below, above", "difference" if power else "so it is"]
        lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for row in of_design.to_dict("records"):
            ratio = "" if np.isnan(row["ratio"]) else f"{row['ratio']:.2f}"
            last = verdict(row["rejected"], row["seeds"])
            if not power and row["question"] in NULLS_OF and design not in NULLS_OF[row["question"]]:
                last = "finds what is there"
            if power:
                last = "" if np.isnan(row["mean"]) else f"{row['mean']:.4f}"
            of = int(row["seeds"])
            covered, rejected = (percent(row[name], of) for name in ("covered", "rejected"))
            sides = (row["below"], of - row["covered"] - row["below"])
            said = "" if np.isnan(row["below"]) else ", ".join(percent(one, of).split()[0] for one in sides)
            cells = [row["question"], row["test"], rejected, ratio, covered, said, last]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines += known(truth)
    missing = [f"`{name}` ({design.truth})" for name, design in DESIGNS.items() if name not in set(table["design"])]
    if missing:
        lines += ["## Not run", "", "What is said of these below rests on reasoning and on smaller trials.", ""]
        lines += [*(f"- {name}" for name in missing), ""]
    return "\n".join([*lines, READING])


def at_a_glance(table: pd.DataFrame) -> list[str]:
    """A row a test: rejections in each design without a difference, in the planted one, and whether it may be used."""
    counted = table.pivot(index=["question", "test"], columns="design", values="rejected")
    seeds = table.groupby("design")["seeds"].first()
    nulls = [name for name in NULLS if name in seeds]
    order = table[["question", "test"]].drop_duplicates().itertuples(index=False, name=None)
    lines = ["## At a glance", "", GLANCE, ""]
    shown = [*nulls, *(name for name in (ARTICLES, PLANTED) if name in seeds)]
    lines += [f"| question | test | {' | '.join(f'`{name}`' for name in shown)} | use |"]
    lines.append("|---" * (len(shown) + 3) + "|")
    for question, test in order:
        row = counted.loc[(question, test)]
        if row[nulls].isna().all():
            continue  # equivalence has a section of its own
        there = [name for name in NULLS_OF.get(question, nulls) if name in seeds and not np.isnan(row[name])]
        said = {name: verdict(int(row[name]), int(seeds[name])) for name in there}
        # In brackets where there is something to find.
        cells = [percent(row[name], seeds[name]) for name in shown]
        found = [name for name in nulls if name not in there] + ([ARTICLES] if question == NOTHING else [])
        cells = [f"({cell})" if cell and name in found else cell for name, cell in zip(shown, cells, strict=True)]
        often = [f"`{name}`" for name in there if said[name] == TOO_OFTEN]
        rare = [f"`{name}`" for name in there if said[name] == TOO_RARELY]
        use = f"no: too often in {', '.join(often)}" if often else "yes"
        use += f", too rare in {', '.join(rare)}" if rare and not often else ""
        differ = question == TUNING and ARTICLES in seeds and not often
        if differ and verdict(int(row[ARTICLES]), int(seeds[ARTICLES])) == TOO_OFTEN:
            use += "; not where articles differ"
        if test.endswith(NOT_IN_THE_WORKFLOW):
            use = "not in the workflow"
        lines.append(f"| {question} | {test} | {' | '.join(cells)} | {use} |")
    return [*lines, ""]


def percent(part: float, whole: int) -> str:
    return "" if np.isnan(part) else f"{100 * part / whole:.1f} percent"


def known(truth: pd.DataFrame) -> list[str]:
    """The table of scores, best layers and what attention adds."""
    lines = ["## Scores, best layers and what attention adds", "", KNOWN, ""]
    lines += ["| what | seeds | mean | right if | so it is |", "|---|---|---|---|---|"]
    for row in truth.to_dict("records"):
        least, most = (f"{row[name]:g}" for name in ("least", "most"))
        bounds = f"{least} to {most}" if np.isfinite(row["least"]) else f"at most {most}"
        said = "right" if row["least"] <= row["found"] <= row["most"] else "**wrong**"
        if not np.isfinite([row["least"], row["most"]]).any():
            bounds = said = ""
        lines.append(f"| {row['what']} | {row['seeds']:,} | {row['found']:.4f} | {bounds} | {said} |")
    return [*lines, ""]


BOUNDS, AT_BOUND, NO_DIFFERENCE = "bounds", "at the bound", "no difference"
TIMES, TIMES_NOTHING, TIMES_PLANTED = "times", "times, nothing", "times, planted"
TIMES_AT_BOUND, TIMES_NO_GAIN = "times at the bound", "times, no gain"
TIMES_FEW, TIMES_BY_SENTENCE = "times, few", "times, by sentence"
DIFFER, DIFFER_NOT, DO_DIFFER = "differ", "articles alike", "articles unlike"
MODELS, MODELS_ALIKE, MODELS_FEW, MODELS_PLANTED = "models", "models, alike", "models, few", "models, planted"
TITLES = {
    AT_BOUND: "Equivalence, where the true difference is the bound: 'equivalent' is wrong",
    NO_DIFFERENCE: "Equivalence, where there is no difference: 'equivalent' is right",
    DIFFER_NOT: "Whether articles differ, where they do not (`alike`)",
    DO_DIFFER: "Whether articles differ, where they do (`articles`)",
    MODELS_ALIKE: "Models alone, which differ from each other and behind an instruction as near-twins differ",
    MODELS_FEW: "Models alone, as the last, 20 sentences",
    MODELS_PLANTED: "Models alone, of which the tuned one differs more, and more behind the instruction",
    TIMES_NOTHING: "Reading times, of which the predictor tells nothing",
    TIMES_FEW: "The same, 8 readers and 20 sentences",
    TIMES_BY_SENTENCE: "The same, where whole sentences have more of the predictor, and others take longer",
    TIMES_PLANTED: "Reading times, of which the predictor tells something",
    TIMES_AT_BOUND: "Reading times, equivalence where the true slope or gain is the bound: 'equivalent' is wrong",
    TIMES_NO_GAIN: "Reading times, equivalence where the predictor tells nothing: 'equivalent' is right",
}
INTRODUCTION = """# How often the tests are wrong

```sh
make calibrate
```

writes this page; no number in a table was typed. Counts of DAY. Texts and readers are simulated up to SEEDS times for
each design, with seeds 0 to LAST, and the truth is known. Unless said otherwise 60 sentences in five articles, 24
readers a group, three layers of five heads. Readers share what the text does to them; they differ in how fast they
read, and in how much places of words and the text matter to them. Two-sided tests at 5 percent. `right`: as many
rejections as 5 percent give by chance, within 2.4 standard errors (34 to 66 of 1,000). An interval covers where the
mean difference over all seeds is in it; else it is below that, or above it
(percent of the seeds; not kept of models alone).

- **t over readers**, and **flips of readers** or **equivalence over readers**: the sentences taken as fixed, as the
  paper does.
- **clustered t** and **flips of sentences and readers**: both as drawn, as `statistics/*.csv` have them
  (`src/readalike/statistics/clustered.py`). Of one group t is adjusted for how skewed its readers are; to compare stand
  **not adjusted for skewness**, **adjusted for that of sentences too** and, of two groups, **adjusted for skewness**.
  Of flips and a largest t: whether anything in the family is rejected.
- **beyond b2**: the score by which a verdict goes, in texts of words of 1 to 9 letters with commas and full stops,
  which b2 knows; the mean of 5 shuffles is taken off where the workflow takes that of 20. **against nothing**: above
  zero.
- **beyond b2, all layers at once**: by ridge regression on the heads of all layers, which stands beside it. Against
  nothing only what is found above zero counts, as for a verdict: 2.5 percent by chance.
- **slope of a predictor on reading times**: of logarithms of times that 24 readers have for two thirds of the words
  (`tests/benchmarks/calibration_reading.py`); readers differ in it, and its mean is 0 or not. A verdict goes by it.
- **what a predictor gains of reading times**: nats a word, held out, of the same. Beside the slope; only a gain above
  zero counts.
- **divergence above near-twins** and **sensitivity to an instruction**: of models alone, so that what is drawn are
  sentences; a paired t, as in the paper (`tests/benchmarks/calibration_models.py`). A verdict says of divergence
  whether the smallest of several p, one-sided, is below 2.5 percent after Holm.
- **whether articles differ**: an F test, by article, of what each sentence has to do with tuned less base; `p_articles`
  of `statistics/conclusions.csv`. It warns where the tests of models are wrong.
- **flips of sentences**: signs of sentences only, which leaves out of the null what readers differ in; to compare.
- **clustered t less interactions of sentences**: what two sentences do together to all readers counted once, by what
  each pair of them does (`tests/benchmarks/calibration_interactions.py`). Not in the workflow, whose files do not
  hold pairs of sentences; to show why the test in sample is too rare.
"""
GLANCE = """Rejections where there is no difference: `own`, `one`, `swap`, `alike` (in brackets where there is
something to find); where whole articles favour a model by chance, which no test here takes into account (`articles`);
and where there is a difference, of the size that its section states (`planted`). A test that rejects too often in one
of the first four, or of groups in `unequal`, is not to be used for a verdict. Size slopes are not simulated by
themselves: they are weighted sums over models, of which tuned against base is the case of two."""
KNOWN = """Held out, bias is against what the same coefficients score on all texts: those of few pairs are worse than
the best there are. Readers who follow places and word length do so by what baseline b2 has; attention that knows
lengths has something of the sentence's own, so that `r2_specific` is not beyond b2, and its last row is told without a
bound."""
READING = """## What to make of it
- Where attention resembles readers, which is so of every model that we know, a test of tuned against base that takes
  the sentences as fixed rejects what is true many times too often, and one that takes them as drawn does not.
- Held out, the clustered t of tuned against base is right also where attention has nothing to do with any reader, and
  so is the largest t of a family of layers. A verdict goes by these.
- `beyond b2` is what the verdict goes by: what attention adds to baseline b2, held out, above shuffled attention. Its
  clustered t is right against zero, of tuned against base and between groups, whether attention has anything to do with
  readers or not. Intervals of what attention adds cover 94 percent where it adds much. They covered 93, and nearly all
  that missed were below, before t was adjusted for skewness: a few readers have much more of it than all others, and
  where these are not drawn both estimate and error are small.
- t is not adjusted for the skewness of sentences: all layers at once, whose gain is 0 in most sentences, would then be
  found to differ in 9 to 10 percent where nothing is to be found, and of a layer nothing would be more right. Nor is
  that between two groups: the skewness of two that are alike cancels, what is estimated of it is noise, and `r2` would
  be found to differ a little too often. Of groups of unlike size intervals still miss more on one side (`unequal`).
- So it is of all layers at once. Attention that knows nothing is found above zero in 1 to 2 percent, since a penalty
  that is not infinite by chance costs a little: the mean gain is then 2 to 3 hundred-thousandths below zero, mostly
  0, and too uneven for an interval, which covers it in 75 percent.
- Two other things were too often wrong, and are mended. With R_1 + R_2 - 2 degrees of freedom a group of 10 readers
  differed from one of 24 like it in 8 percent; they are those of the smaller group now, which makes tests of two
  large groups hardly rarer. And by Schuirmann's rule (the 90 percent interval within the margin) equivalence was
  claimed in 7.6 percent where the true difference was the margin itself (6.5 in sample), since a difference that
  comes out small has a small error too. The 95 percent interval has to be within it now.
- The slope of a predictor on reading times, by what it would be without each sentence, is right. (With every error
  as it was fitted the test rejected 68 of 1,000.) What a predictor gains held out is never found where it tells
  nothing, since the gain is then a little below zero, the cost of its slope: a verdict does not go by it. The bound
  of equivalence is the planted slope here, 5.5 times that of a verdict, which 24 readers of 60 sentences cannot show.
- In sample the clustered t is too rare where attention has nothing to do with readers who agree: there the variance
  of a difference is all of the second order, what two sentences do together, and the clustered variance counts that
  once for each of the two. Taken off once, the test is right. Too rare is not wrong: what it finds is found.
- Between groups nearly all that varies is the readers, so that t over readers is right too on `r2`, and the clustered
  t right or a little too rare: where there is no variance between sentences its estimate is held up by a floor.
- No scale over a ceiling passes everywhere, though a ceiling is made of the readers who are drawn and the clustered
  variance counts that (`Sums.cross`). `own_ceiling` divides each reader's score by that reader's own ceiling, and
  readers with next to none outweigh all others. The ceiling of `percent_of_ceiling` is the higher the fewer readers
  there are, and that of `percent_cv` the lower, so that groups of unlike size differ on both without a difference
  between their readers. A verdict on groups goes by what attention adds to b2, and says nothing of shares of a
  ceiling.
- `thinned` takes the share of saccades that are kept as given, although it follows from both groups' readers. What it
  removes is a part of how they differ, so that the error is too large, and the test too rare, where readers differ
  much in how often they look back.
- Tests of models alone are right, with 60 sentences and with 20. The smallest p by Holm is one of 2.5 percent, above.
- With 8 readers and 20 sentences the clustered t of groups and of `r2` is somewhat too rare, the interval of models'
  reliance, a bootstrap over few sentences, too narrow, and that of what attention adds covers 92 percent: so few
  readers do not tell how skewed they are.
- Sentences are taken as independent. Where a whole article favours a model the test is wrong, and five articles are
  too few to mend it: such a claim needs more texts. The F test of articles tells of it, and a verdict says so.
- How often equivalence is found where it is right is its power, which grows with readers and sentences
  ([planning.md](planning.md)).
"""
