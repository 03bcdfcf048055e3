"""What becomes of a conclusion, in words, from constructed rows."""

import pandas as pd
import pytest

from readalike.tables.variants import CLAIMS, NO_CONCLUSION
from readalike.tables.verdicts import paragraph, said, sentences, verdict

S, C, T, N = "supports", "contradicts", "cannot tell", "not asked"


def rows(conclusion: str, strict: str, others: str = "") -> pd.DataFrame:
    """A letter a row: s, c, t or n."""
    words = {"s": S, "c": C, "t": T, "n": N}
    made = [(conclusion, words[letter], "yes", "no pairs" if letter == "n" else "") for letter in strict]
    made += [(conclusion, words[letter], "", "no pairs" if letter == "n" else "") for letter in others]
    return pd.DataFrame(made, columns=["conclusion", "outcome", "strict", "why"])


@pytest.mark.parametrize(
    ("strict", "others", "word", "text"),
    [
        ("ss", "ct", "survives", "It survives: of 2 strict variants 2 support it, 0 contradict it, 0 cannot tell."),
        ("sn", "", "survives", "It survives: of 1 strict variants 1 support it"),
        ("st", "", "survives in part", "It survives in part: of 2 strict variants 1 support it"),
        ("sc", "", "survives in part", "1 support it, 1 contradict it, 0 cannot tell."),
        ("tc", "sss", "does not survive", "It does not survive: of 2 strict variants 0 support it, 1 contradict it"),
        ("cc", "sss", "is contradicted", "It is contradicted: of 2 strict variants 0 support it, 2 contradict it"),
        ("tt", "ss", "does not survive", "It does not survive: of 2 strict variants 0 support it, 0 contradict it"),
        ("n", "st", "not asked", "Whether it survives is not asked: no pairs."),
        ("n", "n", "not asked", "not asked, no pairs."),
    ],
)  # fmt: skip
def test_a_verdict(strict: str, others: str, word: str, text: str) -> None:
    found = verdict(rows("size", strict, others), "size")
    asked = (strict + others).replace("n", "")
    assert found.word == word
    assert (found.asked, found.supports, found.contradicts) == (len(asked), asked.count("s"), asked.count("c"))
    assert text in said(found)
    if asked:
        counted = f"supported by {asked.count('s')} of {len(asked)} variants, contradicted by {asked.count('c')}"
        assert said(found).startswith(f"{counted}; {asked.count('t')} cannot tell.")


def test_every_conclusion_has_a_sentence_by_itself() -> None:
    table = pd.concat([rows("size", "ss"), *(rows(name, "n") for name in NO_CONCLUSION if name != "size")])
    found = sentences(table)
    assert len(found) == len(CLAIMS)
    assert found[0].startswith("Larger models resemble readers more: supported by 2 of 2 variants")
    assert all("not asked" in sentence for sentence in found[1:])


def test_the_summary_ends_with_it() -> None:
    text = paragraph(pd.concat([rows(name, "s") for name in CLAIMS]))
    assert " ".join(text.split()).count("It survives: of 1 strict") == 5
    assert text.startswith("\nWhat becomes of the paper's conclusions")
    assert max(map(len, text.splitlines())) <= 120
    assert paragraph(rows("size", "")) == ""
