"""What docs/what-stands.md says, whatever the runs are."""

from readalike.statistics import conclusions as c

INTRODUCTION = """# What stands

What becomes of the paper's five conclusions in each run that is at hand, under every variant that
`src/readalike/tables/variants.py` lists. Written by `make what-stands` from `tables/robustness.csv` of each
run; no number here was typed.

A **variant** supports a conclusion, contradicts it, or cannot tell, by Holm's p below 0.05 over all variants of the run
and the sign of its estimate. A **strict** variant takes readers *and* sentences as drawn from many, is held out, and
counts only what attention adds to what is known of places, lengths and punctuation (baseline b2). Two conclusions are
about models alone, so that no reader and no baseline is in them: there strict is what takes the sentences as drawn,
over all layers, and of instructions what exceeds the answer to noise. That tuning changes nothing is a claim of no
difference: an equivalence test of every pair of models alone is strict there.

A **conclusion** is, in a run,

- **shown**: every strict variant supports it;
- **shown in part (n of m)**: n of m strict variants support it;
- **against it**: at least one strict variant contradicts it and none supports it;
- **not shown**: no strict variant supports or contradicts it, so that none can tell;
- **not asked**: the run has no strict variant of it.

To ask that every strict variant pass, each after Holm's correction over all tests of a run (their number is under "The
runs"), is very conservative: a true conclusion of modest size is easily 'not shown'. Counts by each variant's own p,
without a correction, therefore stand beside; a test of a difference is wrong by these in one case of twenty.

A word here may be another than in the run's `verdict.txt`. A verdict answers by one variant, corrected for the few
tests of its questions; here several strict variants count, corrected for all that the run makes. And two questions
are not the same: a verdict asks whether tuned models are more sensitive than near-twins differ, the conclusion here
whether they are so beyond what noise does; a verdict has *no* for a difference that is shown to be small, which here
is 'not shown' for each conclusion but that on tuning.
"""
BRACKETS = """In brackets: strict variants that support / contradict / cannot tell, by Holm's p and by their own p.
"""
NO_REFUTATION = """'Not shown' is no refutation: the data cannot tell. Nor is 'against it' one where few of many strict
variants contradict; see the counts. What simulated readers do says nothing of people: they count for conclusions about
models alone only.
"""
ABOUT = """Sets of readers or models, and corpora, are what is counted as evidence of its own. Variants of a run share
all three; runs by saccade number and by saccade duration share readers and models. The models of a run are taken as
given: whether other models would say the same is asked by slopes alone (drawn from many: models).

The models, with the parameters that a run counted (embeddings too; none where released attention takes the place of
weights):
"""
GLOSSARY = """## Words
- **best**: of each model and group of readers the layer with the highest in-sample R2, as in the paper; **own best**:
  that with the highest of the score itself; **all**: the mean of all layers; **any**: the layer and model with the
  smallest p, for all corrected.
- **pairs**: the mean over configured pairs of models; **every pair**: the pair with the largest p; **within
  families**, **all models**: a slope on the logarithm of the parameters; **mean**: over the models.
- **b0**: position and word length; **b1**: also that long words are looked at again; **b2**: also products of these,
  the number of words, the sentence's end and punctuation; **beyond b0**: what attention adds, held out;
  **all layers at once**: what the heads of all layers add to b2 by ridge regression. Strict is beyond b2 by a layer or
  the mean of layers: all layers at once were added when the answers by layer were known.
- **thinned**: saccades of one group left out at random until both groups have as many; **ceiling**: what the other
  readers of a group say of a reader.
- **drawn from many**: what a p and an interval are over; **equivalence** is over readers and sentences. Its margin is
  what as many heads explain in sample of signals that have nothing to do with them (`docs/results.md`).
"""
CELLS = """Cells: all variants that support / contradict / cannot tell, by Holm's p; empty where the run does not ask.
Variants share readers, models and scores, so that their number is no evidence by itself.
"""
# Where a conclusion is looked at in what the paper's authors released, by tests that a run has not.
ELSEWHERE = {
    c.TUNING: """Elsewhere: `make reproduce` (`results/reproduce/reproduction.md`) takes the divergences that the
authors released and finds that tuning does change the *attention* of their 7B models, by the paper's test. Whether it
changes resemblance to readers, which is what is asked here, needs the attention of base and tuned models, which they
did not release.
""",
    c.INSTRUCTIONS: """Elsewhere: `make reproduce` (`results/reproduce/reproduction.md`) takes the divergences that
the authors released and finds, layer by layer, that Alpaca and Vicuna exceed LLaMA after an instruction by more than
after noise. The strict variant here is the mean over all layers, of the models of a run; the authors' files do not
enter it.
""",
}
