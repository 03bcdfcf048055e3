"""The page of several runs side by side, from constructed tables."""

import re
from pathlib import Path

import pandas as pd
import pytest

from readalike.errors import ConfigurationError
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.files.tables import write_table
from readalike.running import records
from readalike.tables.evidence import Model, RunFound, answer, basis, separating, spans
from readalike.tables.variants import CLAIMS
from readalike.tables.what_stands import CHOICES, page
from tests.plumbing import main_of
from tests.running import ROOT


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


NANO, MICRO, GIANT = Model("nano", 1e6, True), Model("micro", 2.5e6, True), Model("giant", float("nan"), False)


def found(
    name: str, outcomes: dict[str, str], readers_are: str = "measured", models: tuple[Model, ...] = (NANO, GIANT)
) -> RunFound:
    """Estimates are another run's too only by the same name: they are moved by its length."""
    own = table(outcomes, readers_are)
    own["estimate"] += 0.001 * len(name)
    return RunFound(name, f"{name}/results", own, "2026-01-02", "abcdef0123456789", models)


RUNS = [
    found("one", {"size": "ss", "patterns": "st", "tuning": "tt", "groups": "ss"}),
    found("three", {"size": "ss", "patterns": "ct", "tuning": "ct", "groups": "ts"}, models=(NANO, MICRO)),
]
PAGE = page(RUNS, "Python 3")


def cells(heading: str, first: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


NOT_SHOWN, AGAINST = "not shown (0 / 0 / 2; own p 0 / 2 / 0)", "against it (0 / 1 / 1; own p 0 / 2 / 0)"
ALL, HALF = "shown (2 / 0 / 0; own p 0 / 2 / 0)", "shown in part (1 of 2) (1 / 0 / 1; own p 0 / 2 / 0)"
BASIS = "1 set of readers, 2 sets of models that share 1 model, 1 corpus"


@pytest.mark.parametrize(
    ("name", "words", "so"),
    [
        ("size", [ALL, ALL], f"shown: {BASIS}"),
        ("patterns", [HALF, AGAINST], f"shown in part or against it: {BASIS}"),
        ("tuning", [NOT_SHOWN, AGAINST], f"not shown or against it: {BASIS}"),
        ("instructions", ["not asked", "not asked"], "no run asks"),
        ("groups", [ALL, HALF], f"shown or shown in part: {BASIS}"),
    ],
)
def test_in_short_each_runs_verdict_and_what_all_say(name: str, words: list[str], so: str) -> None:
    assert cells("In short", CLAIMS[name])[1:] == words
    claim = CLAIMS[name][0].upper() + CLAIMS[name][1:]
    assert f"- **{claim}**: {so}." in PAGE.split("## In short")[1].split("| conclusion |")[0]


def section(name: str, told: str = PAGE) -> str:
    return told.split(f"## {CLAIMS[name][0].upper()}{CLAIMS[name][1:]}\n")[1].split("\n## ")[0]


def test_a_conclusion_counts_its_variants_by_choice_and_run() -> None:
    heading = CLAIMS["patterns"][0].upper() + CLAIMS["patterns"][1:]
    assert cells(heading, "strict")[2:] == ["1 / 0 / 1", "0 / 1 / 1"]
    assert cells(heading, "score | in sample")[2:] == ["1 / 0 / 0", "0 / 1 / 0"]
    assert cells(heading, "score | beyond b2")[2:] == ["0 / 0 / 1", "0 / 0 / 1"]
    own = section("patterns")
    assert "| layers |" not in own, "all variants are of one choice"
    first, last = own.index("Of 2 strict variants 1 support it"), own.index("Counted over all variants")
    assert first < own.index("0 support it and 2 contradict it.") < last
    # 0.01 and 0.02, moved by the length of the name
    assert "+0.013 to +0.023 R2, per pair, the larger model against the smaller" in own
    assert "(intervals within -0.5 to +0.5)" in own


def test_what_is_not_asked_says_why_and_has_no_table() -> None:
    assert section("instructions").count("not asked: no pair.") == 2
    assert "| strict |" not in section("instructions")
    assert "reproduction.md" in section("instructions")
    assert "reproduction.md" not in section("size")


def test_simulated_readers_say_nothing_of_people() -> None:
    simulated = found("other", {"size": "cc", "patterns": "ss", "tuning": "s"}, "simulated")
    told = page([RUNS[0], simulated], "Python 3")
    assert f"| {CLAIMS['size']} | {ALL} | against it, simulated readers (0 / 2 / 0; own p 0 / 2 / 0) |" in told
    assert "| L1 (simulated) |" in told
    assert answer([RUNS[0], simulated], "size") == "shown: 1 set of readers, 1 set of models, 1 corpus"
    assert answer([simulated], "tuning") == "asked of simulated readers only; does not count for people"
    # Rows about models alone name no readers.
    alone = found("other", {"patterns": "ss"}, "simulated", (MICRO,))
    for column in ("readers", "readers_are"):
        alone.table[column] = alone.table[column].where(alone.table["conclusion"] != "patterns", "")
    assert answer([alone], "patterns") == "shown: 1 set of models, 1 corpus"
    assert answer([RUNS[0], alone], "patterns").startswith("shown in part or shown: ")


def test_an_analysis_made_twice_counts_once() -> None:
    again = RUNS[0]._replace(name="again")
    assert basis([RUNS[0], again], "patterns") == (
        "1 set of readers, 1 set of models, 1 corpus; 1 run more of the same analysis"
    )
    told = page([RUNS[0], again], "Python 3")
    assert "again repeats an analysis" in told
    assert "- **again**: the models of one." in told
    assert "repeats an analysis" not in PAGE


def test_models_are_named_with_their_sizes() -> None:
    assert "- **one**: nano (1.0 million parameters), giant. 1 of these 2 are bundled" in PAGE
    assert "- **three**: nano (1.0 million parameters), micro (2.5 million parameters). 2 of these 2" in PAGE
    assert "2 are bundled with this project, of 1.0 to 2.5 million." in PAGE
    none = "is asked here of LLaMA, Alpaca or Vicuna"
    assert none in PAGE
    assert none not in page([RUNS[0]._replace(models=(Model("llama-7b", 7e9, False),))], "Python 3")


def test_slopes_and_pairs_have_units_of_their_own() -> None:
    slopes = RUNS[0].strict("size").assign(models="all models")
    assert (
        spans([slopes], "size") == "+0.013 to +0.023 R2, per doubling of the parameters (intervals within -0.5 to +0.5)"
    )
    groups = RUNS[0].strict("groups").assign(readers="L2 above L1", unit="percent of the ceiling")
    assert "percentage points of the ceiling, L2 less L1" in spans([groups], "groups")


def test_the_choice_that_separates_most() -> None:
    """Layers tell support from contradiction without an error, scores with one in eight, models not at all."""
    supports = [True] * 4 + [False] * 4
    frame = pd.DataFrame(
        {
            "outcome": ["supports" if yes else "contradicts" for yes in supports],
            "score": ["x", "x", "x", "y", "y", "y", "y", "y"],
            "layers": ["best" if yes else "all" for yes in supports],
            "models": ["p", "q"] * 4,
            "test": ["readers", "equivalence"] * 4,
        }
    )
    choice, other, counts = separating(frame, CHOICES) or ("", "", frame)
    assert (choice, other) == ("layers", "contradicts")
    assert counts.to_numpy().tolist() == [[4, 0], [0, 4]]
    choice, _, counts = separating(frame.assign(layers="all"), CHOICES) or ("", "", frame)
    assert choice == "score"
    assert counts.loc["y"].tolist() == [1, 4]
    few = frame.assign(outcome=["supports"] * 4 + ["contradicts", *["cannot tell"] * 3])
    assert (separating(few, CHOICES) or ("", "", few))[1] == "others", "one contradiction is no group"
    assert separating(frame.assign(outcome="supports"), CHOICES) is None


def test_runs_are_named_with_their_files() -> None:
    one = cells("The runs", "one")
    assert one[1:4] == ["news", "L1 (measured)", "3"]
    assert one[5] == "0", "no row has Holm's p"
    assert one[6:] == ["one/results/tables/robustness.csv", "2026-01-02", "`abcdef012345`"]
    assert not re.search(r"^\s*nan|\| nan", PAGE)


def test_the_script_reads_runs_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("results/here")
    file = folder / "tables" / "robustness.csv"
    file.parent.mkdir(parents=True)
    write_table(file, RUNS[0].table, ROBUSTNESS)
    record = records.record_of(file, folder)
    record.parent.mkdir(parents=True)
    record.write_text(
        '{"file": "results/here/tables/robustness.csv", "sha256": "", "script": "", "code": "", '
        '"revision": "0123456789abcdef", "arguments": {}, "inputs": {}}',
        encoding="utf-8",
    )
    for model in ("nano", "giant"):
        (folder / "resemblance" / model).mkdir(parents=True)
    sizes = folder / "tables" / "table-01-loss-and-resemblance.csv"
    sizes.write_text("model,parameters,group\nnano,1000000,L1\nnano,1000000,L2\n", encoding="utf-8")
    (tmp_path / "resources" / "models" / "nano").mkdir(parents=True)
    main = main_of("project/what_stands.py")
    main(runs=["mine=results/here"], output=tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| mine | news |" in text
    assert "- **mine**: nano (1.0 million parameters), giant. 1 of these 2 are bundled" in text
    assert "| results/here/tables/robustness.csv |" in text
    assert "`0123456789ab`" in text
    with pytest.raises(ConfigurationError, match="'here' is not NAME=FOLDER"):
        main(runs=["here"], output=tmp_path / "page.md")
    with pytest.raises(ConfigurationError, match="no run has"):
        main(runs=[], output=tmp_path / "page.md")


def test_readme_says_what_the_page_says() -> None:
    page = (ROOT / "docs" / "what-stands.md").read_text(encoding="utf-8")
    short = page.split("## In short\n")[1].split("\n\n")[0].splitlines()
    assert len(short) == len(CLAIMS)
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    for line in short:
        claim, answered, _ = line.split(": ", 2)
        assert f"{claim}: {answered}" in readme
