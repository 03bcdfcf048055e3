"""The page of several runs side by side, from constructed tables."""

import re
from pathlib import Path

import pandas as pd
import pytest

from readalike.errors import ConfigurationError
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.files.tables import write_table
from readalike.running import records
from readalike.tables.variants import CLAIMS
from readalike.tables.what_stands import RunFound, page
from tests.plumbing import main_of


def table(outcomes: dict[str, str], readers_are: str = "measured") -> pd.DataFrame:
    """Conclusion -> a letter for each strict variant; each has one more, not strict, that cannot tell."""
    words = {"s": "supports", "c": "contradicts", "t": "cannot tell", "n": "not asked"}
    rows = []
    for name in CLAIMS:
        for k, letter in enumerate(outcomes.get(name, "n")):
            asked = letter != "n"
            rows.append(
                {
                    **{
                        "conclusion": name,
                        "score": "beyond b2" if k else "in sample",
                        "test": "readers",
                        "layers": "all",
                    },
                    **{
                        "models": "pairs",
                        "outcome": words[letter],
                        "outcome_alone": "contradicts",
                        "strict": "yes",
                        "why": "" if asked else "no pair",
                    },
                    **{"estimate": 0.01 * (k + 1) if asked else None, "ci_low": -0.5, "ci_high": 0.5, "unit": "R2"},
                    **{
                        "readers": "L1",
                        "readers_are": readers_are,
                        "corpus": "news",
                        "n_models": 3,
                        "signal": "number",
                    },
                    **{"attention": "raw", "divergence": "computed"},
                }
            )
    frame = pd.DataFrame(rows, columns=ROBUSTNESS.names)
    return frame.assign(**{name: frame[name].astype(object).fillna("") for name in ROBUSTNESS.text})


def found(name: str, outcomes: dict[str, str], readers_are: str = "measured") -> RunFound:
    return RunFound(name, f"{name}/results", table(outcomes, readers_are), "2026-01-02", "abcdef0123456789")


RUNS = [
    found("one", {"size": "ss", "patterns": "st", "tuning": "tt", "groups": "ss"}),
    found("two", {"size": "ss", "patterns": "ct", "tuning": "ct", "groups": "ts"}),
]
PAGE = page(RUNS, "Python 3")


def cells(heading: str, first: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


NOT_SHOWN, AGAINST = "does not survive (0 / 0 / 2)", "does not survive (0 / 1 / 1)"
ALL, HALF = "survives (2 / 0 / 0)", "survives in part (1 / 0 / 1)"


@pytest.mark.parametrize(
    ("name", "words", "so"),
    [
        ("size", [ALL, ALL], "stands in every run that asks (2)"),
        ("patterns", [HALF, AGAINST], "stands in 0 of 2 runs that ask, in part in 1"),
        ("tuning", [NOT_SHOWN, AGAINST], "stands in none of the runs that ask (2)"),
        ("instructions", ["not asked", "not asked"], "no run asks"),
        ("groups", [ALL, HALF], "stands in 1 of 2 runs that ask, in part in 1"),
    ],
)
def test_the_short_table_has_each_runs_verdict(name: str, words: list[str], so: str) -> None:
    assert cells("In short", CLAIMS[name])[1:] == [*words, so]


def test_a_conclusion_counts_its_variants_by_choice_and_run() -> None:
    heading = CLAIMS["patterns"][0].upper() + CLAIMS["patterns"][1:]
    assert cells(heading, "strict")[2:] == ["1 / 0 / 1", "0 / 1 / 1"]
    assert cells(heading, "score | in sample")[2:] == ["1 / 0 / 0", "0 / 1 / 0"]
    assert cells(heading, "score | beyond b2")[2:] == ["0 / 0 / 1", "0 / 0 / 1"]
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    assert "| layers |" not in section, "all variants are of one choice"
    assert "By their own p, without Holm's correction, 0 support and 2 contradict it." in section
    assert "Their estimates: +0.01 to +0.02 R2, intervals within -0.5 to +0.5." in section


def test_what_is_not_asked_says_why_and_has_no_table() -> None:
    heading = CLAIMS["instructions"][0].upper() + CLAIMS["instructions"][1:]
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    assert section.count("not asked, no pair.") == 2
    assert "| strict |" not in section


def test_simulated_readers_say_nothing_of_people() -> None:
    told = page([RUNS[0], found("three", {"size": "cc", "patterns": "ss"}, "simulated")], "Python 3")
    assert f"| {CLAIMS['size']} | {ALL} | is contradicted (0 / 2 / 0) | stands in every run that asks (1) |" in told
    assert "| L1 (simulated) |" in told
    # Rows about models alone name no readers.
    alone = found("three", {"patterns": "ss"}, "simulated")
    alone.table["readers_are"] = alone.table["readers_are"].where(alone.table["conclusion"] != "patterns", "")
    told = page([RUNS[0], alone], "Python 3")
    assert f"| {CLAIMS['patterns']} | {HALF} | {ALL} | stands in 1 of 2 runs that ask, in part in 1 |" in told


def test_runs_are_named_with_their_files() -> None:
    one = cells("The runs", "one")
    assert one[1:4] == ["news", "L1 (measured)", "3"]
    assert one[5:] == ["one/results/tables/robustness.csv", "2026-01-02", "`abcdef012345`"]
    assert not re.search(r"^\s*nan|\| nan", PAGE)


def test_the_script_reads_runs_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("results/tables/robustness.csv")
    (tmp_path / "here" / file.parent).mkdir(parents=True)
    write_table(tmp_path / "here" / file, RUNS[0].table, ROBUSTNESS)
    record = tmp_path / "here" / records.record_of(file)
    record.parent.mkdir(parents=True)
    record.write_text(
        '{"file": "results/tables/robustness.csv", "sha256": "", "script": "", "code": "", '
        '"revision": "0123456789abcdef", "arguments": {}, "inputs": {}}',
        encoding="utf-8",
    )
    main = main_of("project/what_stands.py")
    main(runs=["mine=here"], output=tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| mine | news |" in text
    assert "| here/results/tables/robustness.csv |" in text
    assert "`0123456789ab`" in text
    with pytest.raises(ConfigurationError, match="'here' is not NAME=FOLDER"):
        main(runs=["here"], output=tmp_path / "page.md")
    with pytest.raises(ConfigurationError, match="no run has"):
        main(runs=[], output=tmp_path / "page.md")
