"""What becomes of a conclusion, in words, from constructed rows."""

import pandas as pd
import pytest

from readalike.tables.variants import CLAIMS, NO_CONCLUSION
from readalike.tables.verdicts import claim_of, paragraph, said, sentences, verdict

S, C, T, N = "supports", "contradicts", "cannot tell", "not asked"


def rows(conclusion: str, strict: str, others: str = "", readers: str = "") -> pd.DataFrame:
    """A letter a row: s, c, t or n. By its own p every row that is asked supports."""
    words = {"s": S, "c": C, "t": T, "n": N}
    made = [
        (conclusion, words[letter], N if letter == "n" else S, kind, "no pairs" if letter == "n" else "", readers)
        for letters, kind in ((strict, "yes"), (others, ""))
        for letter in letters
    ]
    return pd.DataFrame(made, columns=["conclusion", "outcome", "outcome_alone", "strict", "why", "readers"])


@pytest.mark.parametrize(
    ("strict", "others", "word", "text"),
    [
        ("ss", "ct", "shown", "shown: of 2 strict variants 2 support it, 0 contradict it, 0 cannot tell."),
        ("sn", "", "shown", "shown: of 1 strict variants 1 support it"),
        ("st", "", "shown in part", "shown in part (1 of 2): of 2 strict variants 1 support it"),
        ("sct", "", "shown in part", "shown in part (1 of 3): of 3 strict variants 1 support it, 1 contradict it"),
        ("tc", "sss", "against it", "against it: of 2 strict variants 0 support it, 1 contradict it, 1 cannot tell"),
        ("cc", "sss", "against it", "against it: of 2 strict variants 0 support it, 2 contradict it"),
        ("tt", "ss", "not shown", "not shown: of 2 strict variants 0 support it, 0 contradict it"),
        ("n", "st", "not asked", "not asked by a strict variant: no pairs."),
        ("n", "n", "not asked", "not asked: no pairs."),
    ],
)  # fmt: skip
def test_a_verdict(strict: str, others: str, word: str, text: str) -> None:
    found = verdict(rows("size", strict, others), "size")
    asked, strictly = ((strict + others).replace("n", ""), strict.replace("n", ""))
    assert found.word == word
    assert found.every == (len(asked), asked.count("s"), asked.count("c"))
    assert found.strict == (len(strictly), strictly.count("s"), strictly.count("c"))
    assert found.alone == (len(strictly), len(strictly), 0)
    assert said(found).startswith(text)
    if asked:
        counted = f"of {len(asked)} variants {asked.count('s')} support it, {asked.count('c')} contradict it"
        assert said(found).endswith(f"{counted}, {asked.count('t')} cannot tell.")


def test_every_conclusion_has_a_sentence_by_itself() -> None:
    table = pd.concat([rows("size", "ss"), *(rows(name, "n") for name in NO_CONCLUSION if name != "size")])
    found = sentences(table)
    assert len(found) == len(CLAIMS)
    assert found[0].startswith("Larger models resemble readers more: shown: of 2 strict variants 2 support it")
    assert all("not asked" in sentence for sentence in found[1:])


def test_two_groups_are_named_in_the_direction_of_the_estimate() -> None:
    one, other = rows("groups", "s", readers="L2 above L1"), rows("groups", "s", readers="old above young")
    assert claim_of(one, "groups") == "models resemble L2 readers more than L1"
    assert claim_of(pd.concat([one, other]), "groups") == CLAIMS["groups"]
    assert claim_of(one, "size") == CLAIMS["size"]


def test_the_summary_ends_with_it() -> None:
    text = paragraph(pd.concat([rows(name, "s") for name in CLAIMS]))
    assert " ".join(text.split()).count("shown: of 1 strict") == 5
    assert text.startswith("\nWhat becomes of the paper's conclusions")
    assert max(map(len, text.splitlines())) <= 120
    assert paragraph(rows("size", "")) == ""
