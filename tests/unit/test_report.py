"""The report: all of it in one file, nothing loaded from elsewhere, the same bytes for the same inputs."""

import base64
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5rdf
import pandas as pd
import pytest
from PIL import Image

from readalike.captions import Run
from readalike.catalogue import Entry, Question, read_catalogue, read_questions
from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError
from readalike.files.conditions import write_conditions
from readalike.files.contracts.dictionary import DICTIONARY, dictionary
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.verdict import VERDICT
from readalike.files.corpora import write_corpus
from readalike.files.tables import write_table
from readalike.report.glossary import TERMS
from readalike.report.methods import WORKS, methods
from readalike.report.page import data, fill
from readalike.report.provenance import citation
from readalike.report.sections import Budget, sections
from readalike.report.tables import cell, shown
from readalike.report.verdict import answers
from readalike.running import records
from tests.accessible import faults
from tests.plumbing import main_of
from tests.running import ROOT
from tests.unit.test_captions import ABOUT, CORPORA, READERS

SHOWN = ROOT / "workflow" / "report"
PAGES = sorted((SHOWN / "page").iterdir())
CATALOGUE = SHOWN / "catalogue.yaml"
CONFIG: dict[str, Any] = {
    "models": {name: {"dtype": "float32"} for name in ABOUT["layers"]},
    "attention": "raw",
    "signal": "number",
    "surprisal": False,
    "landing": False,
    "reading_times": False,
    "permutations": 2000,
    "seed": 17,
    "incontext": {},
    "report": {},
}
# Attributes that make a browser fetch something, and elements that do by themselves.
FETCHING = ("src", "srcset", "data", "poster", "action", "background")


class Seen(HTMLParser):
    """Elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> Iterator[dict[str, str]]:
        return (attributes for name, attributes in self.elements if name == tag)


def require_well_formed(page: str) -> Seen:
    """Every error of the HTML standard's own parser is one; ids stand once, and labels and links lead somewhere."""
    html5rdf.HTMLParser(strict=True).parse(page)
    seen = Seen(page)
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = [attributes["href"][1:] for attributes in seen.of("a") if attributes["href"].startswith("#")]
    told = [name for _, attributes in seen.elements for name in attributes.get("aria-labelledby", "").split()]
    assert set(inner) | set(told) | {attributes["for"] for attributes in seen.of("label")} <= set(ids)
    return seen


def require_nothing_from_elsewhere(page: str) -> None:
    for tag, attributes in Seen(page).elements:
        assert tag not in ("link", "iframe", "object", "embed", "base"), tag
        for name in FETCHING:
            assert attributes.get(name, "data:").startswith("data:"), (tag, name)
    assert not re.search(r"url\(|@import|https?://", page)


def picture(path: Path, size: tuple[int, int] = (40, 20)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise(size, 60).save(path)
    return path


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the script is given: a run with a figure, a table and odd names."""
    results = tmp_path / "results" / "of<b>mine"
    monkeypatch.setenv(records.RESULTS, str(results))
    monkeypatch.setenv(records.REVISION, "abc123")
    corpus = Corpus((Sentence(1, 1, ("A", "<b>cat</b>", "sat.")), Sentence(2, 1, ("So", "it", "did."))))
    words = results / "corpus" / "demo" / "words.tsv"
    words.parent.mkdir(parents=True)
    write_corpus(words.with_name("sentences.tsv"), words, corpus)
    ceilings = results / "human" / "L1" / "ceilings.csv"
    ceilings.parent.mkdir(parents=True)
    rows = [("L1", "simulated", "number", "group_mean", f"r{k}", 0.2, "R2") for k in range(3)]
    write_table(ceilings, pd.DataFrame(rows, columns=CEILINGS.names), CEILINGS)
    write_table(results / "columns.csv", dictionary(), DICTIONARY)
    write_conditions(results / "corpus" / "conditions.json", {"plain": "", "ask": "Translate <this> & that:"})
    table = results / "tables" / "table-headline.csv"
    table.parent.mkdir()
    pd.DataFrame({"group": "L1", "model": ["small<1>", "large"], "n": 3, "r2_cv": [0.123456, 2e-7]}).to_csv(
        table, index=False
    )
    figure = picture(results / "figures" / "figure-05-loss.png")
    pd.DataFrame({"model": ["small"], "group": "L1"}).to_csv(figure.with_suffix(".csv"), index=False)
    summary = results / "summary.txt"
    summary.write_text("Headline numbers <here> & there\n", encoding="utf-8")
    files = [table, figure.with_suffix(".csv"), figure]
    records.write(
        ROOT / "scripts" / "tables" / "headline.py",
        {},
        code="",
        environment={},
        inputs={},
        outputs=[*files, summary],
        results=results,
    )
    about = {**ABOUT, "saccades": {"L1": "demo"}, "regions": {}, "layers": {"small": [4, 4], "large": [2, 8]}}
    return {
        "catalogue": CATALOGUE,
        "shown": sorted(SHOWN.glob("*.rst")),
        "pages": PAGES,
        "ceilings": [ceilings],
        "words": [words],
        "columns": results / "columns.csv",
        "conditions": results / "corpus" / "conditions.json",
        "cff": ROOT / "CITATION.cff",
        "made": files,
        "summary": summary,
        "verdict": [],
        "verdict_text": [],
        "about": about,
        "configuration": {**CONFIG, "models": {"small": {"dtype": "float32"}, "large": {"dtype": "bfloat16"}}},
        "imported": [],
        "texts": ["demo"],
        "viewer": "sentences.html",
        "report": results / "report.html",
    }


def written(given: dict[str, Any]) -> str:
    main_of("report/report.py")(**given)
    text: str = given["report"].read_text(encoding="utf-8")
    return text


def with_verdict(given: dict[str, Any]) -> dict[str, Any]:
    results = given["report"].parent
    table, text = results / "tables" / "verdict.csv", results / "verdict.txt"
    asked = {
        **{"question": "Does <size> help?", "corpus": "demo", "readers": "L1", "answer": "cannot tell", "main": "yes"},
        **{"estimate": -0.00012, "unit": "R2", "low": -0.1, "high": 0.2, "n": "4 models", "p": 0.31, "why": "few"},
        **{"p_articles": 0.2, "correction": "Holm over 5", "rests_on": "held out", "file": "a.csv"},
    }
    rows = [
        asked,
        {**asked, "answer": "yes", "main": "", "why": "the other scale"},
        {**asked, "readers": "L2", "answer": "no", "margin": 0.5, "p_margin": 0.01, "p_articles": 0.02},
        {"question": "Does tuning?", "answer": "not asked here", "main": "yes", "why": "no pairs"},
    ]
    write_table(table, pd.DataFrame(rows, columns=VERDICT.names), VERDICT)
    text.write_text("SIZE: cannot tell\n", encoding="utf-8")
    records.write(ROOT / "scripts/x.py", {}, code="", environment={}, inputs={}, outputs=[table, text], results=results)
    return {**given, "verdict": [table], "verdict_text": [text]}


def test_the_page_is_well_formed_and_loads_nothing(made: dict[str, Any]) -> None:
    for given in (made, with_verdict(made), {**made, "viewer": ""}):
        page = written(given)
        seen = require_well_formed(page)
        require_nothing_from_elsewhere(page)
        assert "<this>" in seen.text
        assert "small<1>" in seen.text
        assert next(seen.of("html"))["lang"] == "en"
        assert ("sentences.html" in page) == bool(given["viewer"])


@pytest.mark.slow
@pytest.mark.parametrize("wide", [True, False])
def test_axe_finds_no_grave_fault(made: dict[str, Any], browser: Any, wide: bool) -> None:
    for given in (made, with_verdict(made)):
        written(given)
        page = browser.new_page(viewport={"width": 1280 if wide else 400, "height": 900})
        page.goto(given["report"].as_uri())
        assert faults(page) == []
        page.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "<!DOCTYPE html><html><head><title>x</title></head><body><p><div></p></body></html>",
        "<!DOCTYPE html><html><head><title>x</title></head><body><a href='#no'>x</a></body></html>",
        "<!DOCTYPE html><html><head><title>x</title></head><body><p id='a'></p><p id='a'></p></body></html>",
    ],
)
def test_what_is_not_well_formed_is_found(wrong: str) -> None:
    with pytest.raises((AssertionError, html5rdf.html5parser.ParseError)):
        require_well_formed(wrong)


@pytest.mark.parametrize("wrong", ["<img src='https://x.org/a.png'>", "<link href='a.css'>", "<p style='x:url(a)'>"])
def test_what_is_loaded_from_elsewhere_is_found(wrong: str) -> None:
    with pytest.raises(AssertionError):
        require_nothing_from_elsewhere(wrong)


def test_pictures_are_whole_and_described(made: dict[str, Any]) -> None:
    (image,) = Seen(written(made)).of("img")
    content = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
    assert content == made["made"][2].read_bytes()
    assert Image.open(io.BytesIO(content)).size == (40, 20)
    assert image["alt"].startswith("Loss and resemblance.")


def test_the_same_inputs_give_the_same_bytes(made: dict[str, Any]) -> None:
    assert written(made) == written(made)


def test_the_verdict_stands_first_and_the_summary_takes_its_place(made: dict[str, Any]) -> None:
    without = Seen(written(made)).text
    assert "This run has no verdict" in without
    page = written(with_verdict(made))
    text = " ".join(Seen(page).text.split())
    assert "no verdict" not in text
    assert (
        "Does <size> help? demo, L1 cannot tell -0.00012 R2 (-0.1 to 0.2); n = 4 models few "
        "Tests: other than 0: p = 0.31; Holm over 5. Rests on: held out." in text
    )
    assert (
        "Does <size> help? demo, L2 no -0.00012 R2 (-0.1 to 0.2); n = 4 models few "
        "Tests: beyond the margin of 0.5 R2: p = 0.01; other than 0: p = 0.31; "
        "articles differ in it, so that p and interval are too small: p = 0.02; Holm over 5. Rests on" in text
    )
    assert "the other scale" not in text
    assert "Rests on: held out. a.csv" in text
    assert 'class="answer not-asked-here"' in page
    assert text.index("Does tuning?") < text.rindex("Does size make a model more like readers?")
    assert "Headline numbers <here> & there" in text


def test_a_verdict_without_answers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "verdict.csv"
    path.write_text("question\nx\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="verdict.csv: no column .*answer"):
        answers([path])
    path.write_text("", encoding="utf-8")
    with pytest.raises(FileFormatError, match="verdict.csv: not a table"):
        answers([path])


def test_what_the_page_says_of_where_it_comes_from(made: dict[str, Any]) -> None:
    text = Seen(written(made)).text
    assert "abc123" in text
    for path in made["made"]:
        assert records.checksum(path) in text
    assert "ask: 'Translate <this> & that:'" in text
    assert "Readers of this run are simulated" in text
    measured = pd.read_csv(made["ceilings"][0]).assign(readers_are="measured")
    measured.to_csv(made["ceilings"][0], index=False)
    assert "are simulated" not in Seen(written(made)).text


def test_what_has_no_record_is_refused(made: dict[str, Any]) -> None:
    records.record_of(made["summary"], made["report"].parent).unlink()
    with pytest.raises(FileFormatError, match="summary.txt: .*the record of how it was made, is missing"):
        written(made)


def test_every_table_and_figure_answers_one_question() -> None:
    asked = [stem for question in read_questions(CATALOGUE) for stem in question.stems]
    assert sorted(asked) == sorted(entry.stem for entry in read_catalogue(CATALOGUE))


RUN = Run(ABOUT, READERS, CORPORA)
ENTRIES = [
    Entry("figure-06-x", "By layer", "a group", "Of {models}.", "this", "that"),
    Entry("table-headline", "Scores", "models", "Of {readers}."),
    Entry("figure-01-saccades", "Words", "text", "Of {corpora}.", "this", "that"),
    Entry("figure-20-y", "Landing", "landing", "Never."),
]
QUESTIONS = [Question("Is it?", ("figure-06-x", "figure-20-y")), Question("Else?", ("table-headline", ENTRIES[2].stem))]


def made_of(folder: Path) -> list[Path]:
    files = []
    for name in ("figure-06-x-demo", "figure-06-x-provo", "figure-01-saccades-demo"):
        files += [picture(folder / f"{name}.png"), folder / f"{name}.csv"]
        pd.DataFrame({"model": ["small"]}).to_csv(files[-1], index=False)
    files.append(folder / "table-headline.csv")
    pd.DataFrame({"group": ["P"], "r2": [0.5]}).to_csv(files[-1], index=False)
    return files


def test_sections_have_what_was_made_and_name_what_was_not(tmp_path: Path) -> None:
    meanings = {"table-headline.csv": {"r2": "a score"}}
    first, second = sections(
        QUESTIONS,
        ENTRIES,
        made_of(tmp_path),
        {"figure-06-x": "What\nit is."},
        meanings,
        RUN,
        Budget(texts=["demo", "provo"]),
    )
    assert (first.anchor, [item.anchor for item in first.items]) == ("is-it", ["figure-06-x"])
    assert [entry.stem for entry in first.missing] == ["figure-20-y"]
    assert first.items[0].shows == "What it is."
    assert first.items[0].methods == "Of small (4 layers)."
    assert [picture.of for picture in first.items[0].pictures] == ["demo", "provo"]
    assert second.items[0].methods == "Of 84 readers of P."
    assert second.items[0].tables[0][1].columns == (("group", ""), ("r2", "a score"))
    assert second.items[1].pictures[0].source


def test_words_of_a_text_are_shown_only_where_they_may_be(tmp_path: Path) -> None:
    first, second = sections(QUESTIONS, ENTRIES, made_of(tmp_path), {}, {}, RUN, Budget(texts=["provo"]))
    assert first.items[0].pictures[0].source
    assert second.items[1].pictures[0].source == ""
    assert "`licence` of demo, or `report: texts`" in second.items[1].pictures[0].why


def test_pictures_beyond_what_a_file_holds_are_named(tmp_path: Path) -> None:
    files = made_of(tmp_path)
    room = len(base64.b64encode(files[0].read_bytes()))
    first, _ = sections(QUESTIONS, ENTRIES, files, {}, {}, RUN, Budget(left=room))
    one, other = first.items[0].pictures
    assert (bool(one.source), other.source, other.why) == (True, "", "there was no room for it in one file")


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        (0.123456, "0.1235", True),
        (-0.00012345678, "-0.0001235", True),
        (20.0, "20", True),
        (1234567, "1,234,567", True),
        (float("nan"), "", False),
        (None, "", False),
        (True, "yes", False),
        ("a b", "a b", False),
        (float("inf"), "inf", True),
    ],
)
def test_cells(value: object, text: str, number: bool) -> None:
    found = cell(value)
    assert (found.text, found.number) == (text, number)


def test_long_tables_are_cut_and_say_so() -> None:
    table = shown(pd.DataFrame({"a": range(100), "b": 0.5}), {"a": "counts"}, most=3)
    assert (len(table.rows), table.total, table.cut) == (3, 100, True)
    assert [found.text for found in table.rows[2]] == ["2", "0.5"]
    assert not shown(pd.DataFrame({"a": [True]}), {}).cut
    assert shown(pd.DataFrame({"a": [True]}), {}).rows[0][0].text == "yes"


@pytest.mark.parametrize("attention", ["raw", "rollout", "value-norms"])
@pytest.mark.parametrize(
    "more", [{}, {"surprisal": True, "landing": True, "reading_times": True, "incontext": {"parity": {}}}]
)
def test_methods_say_what_the_configuration_says(attention: str, more: dict[str, Any]) -> None:
    config = {**CONFIG, **more, "attention": attention, "conditions": {"plain": "", "ask": "x"}}
    done = methods(config, RUN, ["released"], "0.1.0")
    text = " ".join(done.paragraphs)
    assert "{" not in text
    assert "small (4 layers), large (8 layers) and tuned (8 layers) in float32" in text
    assert "That of released (6 of 60 layers) was taken as it was released" in text
    assert "behind a prefix: ask." in text
    assert "84 measured readers of P on provo" in text
    assert ("Abnar and Zuidema 2020" in text) == (attention == "rollout")
    assert ("Kobayashi et al. 2020" in text) == (attention == "value-norms")
    assert ("Speer 2022" in text) == ("Shi et al. 2024" in text) == bool(more)
    named = [name for name in sorted(WORKS) if name in text]
    assert list(done.works) == [WORKS[name] for name in named]


def test_citation_names_the_workflow_and_the_papers() -> None:
    cited = citation((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited.version == "0.1.0"
    assert cited.own.startswith("the readalike authors. readalike:")
    assert any("Changjiang Gao, Shujian Huang, Jixing Li and Jiajun Chen (2023)." in paper for paper in cited.papers)


def test_the_glossary_has_the_words_that_were_asked_for() -> None:
    words = [term.word for term in TERMS]
    assert len(set(words)) == len(words)
    assert {"ceiling", "reliance", "divergence", "held out", "null", "unique"} <= set(words)


def test_data_cannot_end_its_element(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text('<script type="application/json">{{ value | data }}</script>{{ value.a }}', encoding="utf-8")
    value = {"a": "</script><!-- & é"}
    text = fill("x.html", [page], value=value)
    inner, after = re.fullmatch(r"<script[^>]*>(.*)</script>(.*)", text).groups()  # type: ignore[union-attr]
    assert "<" not in inner
    assert json.loads(inner) == value
    assert after == "&lt;/script&gt;&lt;!-- &amp; é"
    assert str(data(value)) == inner
