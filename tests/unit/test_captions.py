"""Captions name what a run used, and what it left out; the gallery says what the catalogue says."""

import re
from pathlib import Path

import pytest
from PIL import Image

from readalike.captions import About, captions, facts
from readalike.catalogue import Entry, read_catalogue
from tests.plumbing import main_of
from tests.running import ROOT

CATALOGUE = ROOT / "workflow" / "report" / "catalogue.yaml"
ABOUT: About = {
    "layers": {"small": 4, "large": 8},
    "comparisons": {"scaling": [["small", "large"]], "tuning": [], "reference": []},
    "attention": "rollout",
    "signal": "duration",
    "formula": "printed",
    "draws": 321,
    "seed": 17,
}
WORDS = facts(ABOUT, {"L1": (20, "simulated"), "P": (84, "measured")}, {"demo": (148, 5)})


def test_facts_are_those_of_the_run() -> None:
    assert WORDS == {
        "models": "small (4 layers) and large (8 layers)",
        "readers": "20 simulated readers of L1 and 84 readers of P",
        "corpora": "demo: 148 sentences of 5 articles",
        "scaling": "small and large",
        "tuning": "none",
        "reference": "none",
        "attention": "attention rollout (Abnar and Zuidema 2020)",
        "attention_cap": "Attention rollout (Abnar and Zuidema 2020)",
        "signal": "duration",
        "formula": "symmetric Kullback-Leibler as the paper prints it, nats",
        "draws": "321",
        "seed": "17",
    }


def test_every_methods_sentence_can_be_filled() -> None:
    for entry in read_catalogue(CATALOGUE):
        said = entry.methods.format(**WORDS)
        assert "{" not in said
        assert said.endswith("."), entry.stem
        assert entry.title
        assert entry.needs


def test_what_was_made_is_described_and_what_was_not_is_listed() -> None:
    entries = [
        Entry("figure-06-layers", "By layer", "a group", "Of {models}, seed {seed}.", "x", "y"),
        Entry("figure-06-layers-too", "Another", "two groups", "Never."),
        Entry("table-02-scale", "By size", "scaling_law", "Of {readers}."),
    ]
    made = [f"results/figures/figure-06-layers-{corpus}.{e}" for corpus in ("demo", "b") for e in ("pdf", "png", "csv")]
    page = captions(entries, made, {"figure-06-layers": "What\nit shows."}, WORDS)
    about, missing = page.split("## Not made")
    assert "simulated: nothing here is a statement about people" in about
    assert "## Figure 6. By layer" in about
    assert "`results/figures/figure-06-layers-demo.pdf`, `results/figures/figure-06-layers-demo.csv`" in about
    assert "What it shows." in about
    assert "**Methods.** Of small (4 layers) and large (8 layers), seed 17." in about
    assert "| Table 2. By size | scaling_law |" in missing
    assert "Never" not in page
    everything = captions(entries[:1], made, {}, WORDS | {"readers": "84 readers of P"})
    assert "Not made" not in everything
    assert "simulated" not in everything


def test_stems_are_those_of_rules() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    made = {stem.partition("-{")[0] for stem in re.findall(r'"((?:figure|table)-[^"/.]+)"', text)} | {"reproduction"}
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
    figures = tmp_path / "results" / "figures"
    figures.mkdir(parents=True)
    for name in ("figure-05-loss", "figure-06-resemblance-layers-demo"):
        Image.new("RGB", (2000, 1000), "white").save(figures / f"{name}.png")
    page, pictures = tmp_path / "gallery.md", tmp_path / "gallery"
    main_of("project/gallery.py")(folder=tmp_path, catalogue=CATALOGUE, page=page, pictures=pictures)
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
