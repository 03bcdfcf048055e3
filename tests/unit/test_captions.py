"""Captions name what a run used, and what it left out; the gallery says what the catalogue says."""

import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from readalike.captions import About, Run, captions, facts
from readalike.catalogue import Entry, read_catalogue
from tests.plumbing import main_of
from tests.running import ROOT

CATALOGUE = ROOT / "workflow" / "report" / "catalogue.yaml"
ABOUT: About = {
    "layers": {"small": [4, 4], "large": [8, 8], "tuned": [8, 8], "released": [6, 60]},
    "shown_model": "small",
    "saccades": {"L1": "demo", "P": "provo"},
    "regions": {"brain": "lengths"},
    "comparisons": {"scaling": [["small", "large"]], "tuning": [["large", "tuned"]], "reference": [["a", "b"]]},
    "attention": "raw",
    "signal": "number",
    "formula": "computed",
    "draws": 321,
    "seed": 17,
}
READERS = {"L1": (20, "simulated"), "P": (84, "measured"), "brain": (45, "measured")}
CORPORA = {"demo": (148, 5), "provo": (134, 55), "lengths": (148, 5)}
RUN = Run(ABOUT, READERS, CORPORA)
BY_MODEL = pd.DataFrame({"model": ["large", "small"], "group": "L1"})


def run(**changed: object) -> Run:
    return Run({**ABOUT, **changed}, READERS, CORPORA)  # type: ignore[typeddict-item]


def drawn(stem: str) -> dict[str, pd.DataFrame]:
    """Data of the kind that a table or figure of this name has."""
    pairs = {"figure-02": "small to large", "figure-03": "large to tuned"}
    if pair := pairs.get(stem[:9]):
        return {"demo": pd.DataFrame({"pair": [pair]})}
    if stem.startswith(("figure-12", "figure-15", "table-08")):
        return {"brain": pd.DataFrame({"model": ["released"] * 2, "group": "brain", "n": [44, 46]})}
    if stem.startswith("figure-01"):
        return {"demo": pd.DataFrame({"panel": ["L1"]})}
    return {"": BY_MODEL}


def test_facts_are_of_what_was_drawn() -> None:
    words = facts(RUN, {"": BY_MODEL})
    assert words["models"] == "small (4 layers) and large (8 layers)"
    assert words["readers"] == "20 simulated readers of L1"
    assert words["corpora"] == "demo: 148 sentences of 5 articles"
    assert (words["draws"], words["seed"], words["scaling"]) == ("321", "17", "small and large")


def test_readers_are_those_with_a_score_and_layers_those_that_are_there() -> None:
    words = facts(RUN, drawn("table-08-fmri"))
    assert words["readers"] == "44 to 46 readers of brain"
    assert words["models"] == "released (6 of 60 layers)"
    assert words["corpora"] == "lengths: 148 sentences of 5 articles"


def test_a_figure_of_one_corpus_names_its_readers_only() -> None:
    words = facts(RUN, {"provo": pd.DataFrame({"model": ["tuned"]})})
    assert words["corpora"] == "provo: 134 sentences of 55 articles"
    assert words["readers"] == "84 readers of P"
    assert facts(RUN, {"demo": pd.DataFrame({"corpus": ["demo"], "a": ["small"], "b": ["large"]})})["models"] == (
        "small (4 layers) and large (8 layers)"
    )


def test_groups_of_regions_have_no_saccades() -> None:
    words = facts(RUN, {"": pd.DataFrame({"group": ["P", "L1", "P"]})})
    assert words["readers"] == "84 readers of P and 20 simulated readers of L1"
    assert "brain" not in facts(RUN, {"": pd.DataFrame({"x": [1]})})["readers"]


def test_marks_and_reference_are_named_where_there_are_any() -> None:
    columns = ["sensitivity_above_reference", "tuned_above_base", "excess_over_noise"]
    words = facts(RUN, {"demo": pd.DataFrame({"model": ["tuned"]}).assign(**dict.fromkeys(columns, True))})
    assert words["reference"] == "; reference: a and b"
    assert "above the reference pair, of a tuned model above its base and of that difference" in words["marks"]
    assert words["marks"].endswith("Tuned models and their bases: large and tuned.")
    none = facts(
        run(comparisons={"scaling": [], "tuning": [], "reference": []}), {"demo": pd.DataFrame({"model": ["tuned"]})}
    )
    assert none["marks"] == none["own_layers"] == none["beside_layers"] == ""
    assert none["reference"] == "; no reference pair is configured"


@pytest.mark.parametrize("attention", ["raw", "rollout", "value-norms"])
@pytest.mark.parametrize("signal", ["number", "duration"])
@pytest.mark.parametrize("formula", ["computed", "printed"])
def test_every_methods_sentence_is_true_of_the_variant(attention: str, signal: str, formula: str) -> None:
    variant = run(attention=attention, signal=signal, formula=formula)
    for entry in read_catalogue(CATALOGUE):
        said = entry.methods.format(**facts(variant, drawn(entry.stem)))
        assert "{" not in said
        assert said.endswith("."), entry.stem
        assert not re.search(r"\s[,.;)]|,,|\.\.|  ", said), said
        assert entry.title
        assert entry.needs
        if formula == "printed":
            assert "Jensen-Shannon" not in said
            assert "averaged over rows" not in said
            assert ("summed over rows, averaged over" in said) == ("Kullback-Leibler" in said)
        else:
            assert ("averaged over rows" in said) == ("Jensen-Shannon" in said)
            assert "Kullback-Leibler" not in said
        assert ("counted" in said) <= (signal == "number")
        assert ("saccade duration" in said) <= (signal == "duration")
        of_attention = not entry.stem.startswith(("figure-01", "figure-02", "figure-11"))
        if attention == "rollout" and of_attention and "incontext" not in entry.needs:
            assert "heads" not in said
        assert ("value norms" in said) <= (attention == "value-norms")
        if "one value a pair" in said:
            assert attention == "rollout"


def test_what_was_made_is_described_and_what_was_not_is_listed() -> None:
    entries = [
        Entry("figure-06-layers", "By layer", "a group", "Of {models}, {corpora}, seed {seed}.", "x", "y"),
        Entry("figure-06-layers-too", "Another", "two groups", "Never."),
        Entry("table-02-scale", "By size", "scaling_law", "Of {readers}."),
    ]
    made = {
        f"results/figures/figure-06-layers-{corpus}.{end}": BY_MODEL if end == "csv" else None
        for corpus in ("demo", "provo")
        for end in ("pdf", "png", "csv")
    }
    page = captions(entries, made, {"figure-06-layers": "What\nit shows."}, RUN)
    about, missing = page.split("## Not made")
    assert "simulated: nothing here is a statement about people" in about
    assert "## Figure 6. By layer" in about
    assert "`results/figures/figure-06-layers-demo.pdf`, `results/figures/figure-06-layers-demo.csv`" in about
    assert "What it shows." in about
    both = "demo: 148 sentences of 5 articles and provo: 134 sentences of 55 articles"
    assert f"**Methods.** Of small (4 layers) and large (8 layers), {both}, seed 17." in about
    assert "| Table 2. By size | scaling_law |" in missing
    assert "Never" not in page
    everything = captions(entries[:1], made, {}, Run(ABOUT, {"P": (84, "measured")}, CORPORA))
    assert "Not made" not in everything
    assert "simulated" not in everything.replace("simulated readers of L1", "")


def test_stems_are_those_of_rules() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    made = {stem.partition("-{")[0] for stem in re.findall(r'"((?:figure|table)-[^"/.]+)"', text)} | {
        "reproduction",
        "robustness",
        "verdict",
    }
    assert made == {entry.stem for entry in read_catalogue(CATALOGUE)}


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("figure-06-x", "Figure 6"),
        ("table-06-x", "Tables 6 and 7"),
        ("table-headline", ""),
        ("figure-10-y", "Figure 10"),
    ],
)
def test_numbers_are_the_papers(stem: str, number: str) -> None:
    assert Entry(stem, "t", "n", "m").number == number


def test_the_gallery_is_written_from_the_catalogue(tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir(parents=True)
    for name in ("figure-05-loss", "figure-06-resemblance-layers-demo"):
        Image.new("RGB", (2000, 1000), "white").save(figures / f"{name}.png")
    page, pictures = tmp_path / "gallery.md", tmp_path / "gallery"
    main_of("project/gallery.py")(results=tmp_path, catalogue=CATALOGUE, page=page, pictures=pictures)
    written = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", written, re.MULTILINE) == [
        "Figure 5. Loss and resemblance",
        "Figure 6. Resemblance by layer",
        "Not of the demo",
    ]
    assert "| Figure 7. Resemblance and size | three or more models under" in written
    with Image.open(pictures / "figure-06-resemblance-layers.png") as picture:
        assert picture.size == (1000, 500)


def test_the_gallery_in_docs_says_what_the_catalogue_says() -> None:
    written = " ".join((ROOT / "docs" / "gallery.md").read_text(encoding="utf-8").split())
    shown = {path.stem for path in (ROOT / "docs" / "gallery").glob("*.png")}
    assert len(shown) >= 14
    for entry in read_catalogue(CATALOGUE):
        if entry.stem in shown:
            for text in (entry.heading, entry.look_for, entry.misled_by):
                assert " ".join(text.split()) in written, entry.stem
        elif entry.stem.startswith("figure-"):
            assert f"| {entry.heading} | {entry.needs} |" in written
