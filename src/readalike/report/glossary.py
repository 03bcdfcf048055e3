"""Words that the report uses in a sense of their own."""

from typing import NamedTuple


class Term(NamedTuple):
    """A word, and what is meant by it."""

    word: str
    meaning: str


TERMS = (
    Term(
        "attention",
        "How much a model, at one word, takes from each word before it (or from the word itself). A model has layers, "
        "a layer has heads, and each head has its own attention. Attention between pieces of words is brought together "
        "to words.",
    ),
    Term(
        "saccade",
        "A jump of the eyes from one word to another. Counted here: jumps back to a word before, and to the same word "
        "again, which is where a model's attention can go as well.",
    ),
    Term(
        "resemblance",
        "How well the attention of a layer predicts where readers' eyes went: R2 of a regression of each reader's "
        "saccades on the attention of all heads. 0: no better than the mean; 1: without error. It may be below 0 held "
        "out.",
    ),
    Term(
        "in sample",
        "Scored on the sentences that the regression was fitted to. It rises with the number of heads even where there "
        "is nothing to find.",
    ),
    Term(
        "held out",
        "Scored on an article that the regression has not seen, one article after the other. What is left of a score "
        "held out is not there by fitting chance.",
    ),
    Term(
        "null",
        "The same score with the attention shuffled over all pairs of words, so that there is nothing to find. A "
        "held-out score counts above it.",
    ),
    Term(
        "another sentence",
        "The same score with the attention of another sentence of the same length: what is left above it is about "
        "these words, not about where in a sentence words stand.",
    ),
    Term(
        "ceiling",
        "What readers tell of one another: the score of a reader predicted from the group. A percentage of the ceiling "
        "is withheld where the ceiling is not above 0.",
    ),
    Term(
        "baseline",
        "What is known without a model. b0: position and word length; b1: also that long words are looked at again; "
        "b2: also their products, the number of words, the end of the sentence and punctuation; b3: also how frequent "
        "and how unexpected words are.",
    ),
    Term(
        "unique",
        "What attention adds to a baseline: the score of both together, minus that of the baseline alone.",
    ),
    Term(
        "reliance",
        "How much of attention (or of saccades) three trivial patterns explain: looking at the first word, at the word "
        "before, at the word itself.",
    ),
    Term(
        "divergence",
        "How far the attention of two models, or of one model in two conditions, differs: 0 where it is the same. It "
        "does not say which is better.",
    ),
    Term("sensitivity", "The divergence between a sentence alone and the same sentence behind an instruction."),
    Term(
        "near-twins",
        "Two models that differ by chance, or by little, in how they were trained (the reference pair): a divergence "
        "that is no larger than theirs says nothing of size or tuning.",
    ),
    Term(
        "uncontrolled",
        "A score, held out and above shuffled attention, from which what word position, length and punctuation tell "
        "(b2) is not taken off.",
    ),
    Term(
        "all layers at once",
        "What the heads of all layers together add to b2, by ridge regression. Other scores are of one layer.",
    ),
    Term(
        "Holm",
        "A correction of p values for asking many questions at once (Holm 1979).",
    ),
    Term(
        "equivalent",
        "Shown to differ by less than a bound that was set beforehand. That no difference was found is not the same.",
    ),
)
