"""The verdict of a run: each question with an answer, and what it rests on."""

from readalike.files.contracts import Table, number, text
from readalike.files.contracts.names import CORPUS, READERS_ARE

VERDICT = Table(
    paths=("tables/verdict.csv",),
    keys=(
        text("question", meaning="what is asked, in words"),
        CORPUS,
        text("readers", meaning="group of readers, `a above b` of two; empty where no reader is in it"),
        READERS_ARE,
        text("about", meaning="condition or comparison, where a question has several"),
        text("scale", meaning="score that is asked; the first of a question is the one its answer goes by"),
        text("main", meaning="`yes` of the scale that the question's answer goes by"),
    ),
    values=(
        text("answer", meaning="`yes`, `no`, `cannot tell` or `not asked here`: docs/reading-the-verdict.md"),
        number("estimate", meaning="size of the effect, in `unit`"),
        text("unit", meaning="unit of estimate, interval and margin"),
        number("low", meaning="lower end of the 95 percent interval"),
        number("high", meaning="upper end of it"),
        number("margin", meaning="a difference that counts as none (`bound` of the table named in `file`)"),
        text("n", meaning="readers, sentences and models"),
        number("p", meaning="that there is no effect, two-sided, corrected"),
        number("p_margin", meaning="that the effect is beyond the margin, corrected: below 0.05 is `no`"),
        number("p_articles", meaning="that articles differ in it no more than sentences, not corrected; of readers"),
        text("correction", meaning="what both p were corrected for"),
        text("rests_on", meaning="in sample or held out, scale, layers, what is taken as drawn"),
        text("file", meaning="table that holds it"),
        text("why", meaning="why the answer is this one"),
    ),
    meaning="what the run says on each question, one answer a place",
)
