"""The page of sentences: it holds what the HDF5 files hold, and in a browser shows it, with no network and no error."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.corpora import write_corpus
from readalike.files.gaze import Gaze, write_gaze
from readalike.report.sentences import SCALE, corpus_data, evenly, packed, plan, scale_of
from tests.accessible import faults
from tests.plumbing import main_of
from tests.unit.test_report import PAGES, require_nothing_from_elsewhere, require_well_formed

LAYERS, HEADS = 3, 2
WORDS = (("The", "cat", "sat", "down."), ("</script>", "is", "a", "<word>", "&"), ("One.",))
CORPUS = Corpus(tuple(Sentence(1 + k // 2, 1 + k % 2, words) for k, words in enumerate(WORDS)))
# Half of a part of SCALE, and rounding of the sum.
NEAR = 0.5 / SCALE + 1e-9


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the script is given: two models on one corpus, in files by blocks, and two groups."""
    folder = tmp_path_factory.mktemp("run")
    words = folder / "corpus" / "demo" / "words.tsv"
    words.parent.mkdir(parents=True)
    write_corpus(words.with_name("sentences.tsv"), words, CORPUS)
    draw, files = np.random.default_rng(7), []
    for model in ("small", "large"):
        values = draw.random((LAYERS, HEADS, CORPUS.n_pairs)).astype(np.float32)
        for first, last in ((0, 0), (1, 2)):
            path = folder / "attention" / "demo" / model / "plain" / f"layers-{first}-{last}.h5"
            path.parent.mkdir(parents=True, exist_ok=True)
            attributes = {"model": model, "layers": LAYERS, "heads": HEADS}
            block = {"plain": ConditionResult(values[first : last + 1])}
            write_attention(path, block, CORPUS, first=first, attributes=attributes)
            files.append(path)
    gazes = []
    for group in ("L1", "L2"):
        signal = draw.poisson(0.7, (4, CORPUS.n_pairs)).astype(float)
        readers = tuple(f"r{k}" for k in range(4))
        gazes.append(folder / "gaze" / f"{group}.h5")
        gazes[-1].parent.mkdir(exist_ok=True)
        write_gaze(gazes[-1], Gaze(group, readers, {"number": signal}, np.full(4, 9), simulated=True), CORPUS)
    page = folder / "sentences.html"
    given = {
        **{"pages": PAGES, "words": [words], "attention": files, "gaze": gazes, "corpora": {"demo": ["L1", "L2"]}},
        **{"models": ["small", "large"], "kind": "raw", "signal": "number", "sentences": page},
        **{"licensed": {"demo": "Somebody <else>, CC BY 4.0"}},
    }
    main_of("report/sentences.py")(**given)
    return given


def in_file(given: dict[str, Any], model: str, layer: int, head: int | None, k: int) -> FloatArray:
    """A matrix of words, from the HDF5 files themselves."""
    paths = [path for path in given["attention"] if path.parents[1].name == model]
    with open_attention(paths, CORPUS) as attention:
        values = attention.layer("plain", layer)
    return CORPUS.matrix(values.mean(axis=0) if head is None else values[head], k)


def content(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page_holds_what_the_files_hold(run: dict[str, Any]) -> None:
    page = run["sentences"].read_text(encoding="utf-8")
    require_well_formed(page)
    require_nothing_from_elsewhere(page)
    (corpus,) = content(page)["corpora"]
    assert [tuple(item["words"]) for item in corpus["sentences"]] == list(WORDS)
    for model in corpus["models"]:
        assert (model["layers"], model["heads"], model["of"]) == ([0, 1, 2], HEADS, LAYERS)
        for layer in range(LAYERS):
            for k in range(len(WORDS)):
                found = np.frombuffer(base64.b64decode(model["values"][layer][k]), "<u2").reshape(HEADS, -1) / SCALE
                for head in range(HEADS):
                    expected = in_file(run, model["name"], layer, head, k)
                    np.testing.assert_allclose(found[head], expected[np.tril_indices(len(expected))], atol=NEAR)


def test_the_same_inputs_give_the_same_page(run: dict[str, Any], tmp_path: Path) -> None:
    again = {**run, "sentences": tmp_path / "again.html"}
    main_of("report/sentences.py")(**again)
    assert again["sentences"].read_bytes() == run["sentences"].read_bytes()


def test_without_leave_there_is_no_text_in_it(run: dict[str, Any], tmp_path: Path) -> None:
    given = {**run, "licensed": {}, "sentences": tmp_path / "numbered.html"}
    main_of("report/sentences.py")(**given)
    page = given["sentences"].read_text(encoding="utf-8")
    assert not any(word in page for word in ("The cat", '"cat"', "down.", "One.", "\\u003cword"))
    assert content(page)["corpora"][0]["sentences"][0]["words"] == ["word 1", "word 2", "word 3", "word 4"]
    assert "Words of demo are numbered" in page
    of_licensed = run["sentences"].read_text(encoding="utf-8")
    assert "Text of demo: Somebody &lt;else&gt;, CC BY 4.0" in of_licensed
    assert "are numbered" not in of_licensed


def test_values_that_two_bytes_do_not_hold_are_held_in_larger_parts() -> None:
    values = np.array([0.0, 5.0, 131.07])
    scale = scale_of(values)
    np.testing.assert_allclose(np.frombuffer(base64.b64decode(packed(values, scale)), "<u2") / scale, values, atol=2e-3)
    assert scale_of(np.array([0.2, 1.0])) == SCALE


@pytest.mark.parametrize(("most", "expected"), [(9, (0, 1, 2, 3, 4)), (3, (0, 2, 4)), (2, (0, 4)), (1, (0,))])
def test_what_is_left_out_is_left_out_evenly(most: int, expected: tuple[int, ...]) -> None:
    assert evenly(range(5), most) == expected


def test_a_page_has_a_limit() -> None:
    corpus = Corpus(tuple(Sentence(1, k + 1, ("a",) * 10) for k in range(50)))
    there = {"one": (range(32), 16), "other": (range(8), 4)}
    sizes = []
    for limit in (1e9, 1e6, 2e5, 2e4):
        found = plan(corpus, there, int(limit))
        values = sum(len(found.layers[model]) * heads for model, (_, heads) in there.items()) * 55
        sizes.append((len(found.sentences), len(found.layers["one"]), len(found.layers["other"])))
        assert values * len(found.sentences) * 8 / 3 <= limit
    assert sizes[0] == (50, 32, 8)
    # Sentences first, down to twelve; then layers, down to four; then both.
    assert sizes[1] == (12, 32, 8)
    assert sizes[2] == (12, 5, 5)
    assert sizes[3] == (1, 4, 4)


def test_a_page_is_thinned_and_says_so(run: dict[str, Any]) -> None:
    attention = {"small": [path for path in run["attention"] if path.parents[1].name == "small"]}
    found = corpus_data(CORPUS, attention, {}, kind="raw", signal="number", texts=True, most_bytes=100)
    assert (found["of"], len(found["sentences"]), found["groups"]) == (3, 1, [])


# --- in a browser ---------------------------------------------------------------------------------------------
@pytest.fixture
def page(browser: Any, run: dict[str, Any]) -> Iterator[Any]:
    """The page by file://; an error on its console, or a request for anything else, fails the test."""
    opened = browser.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url))
    address = run["sentences"].as_uri()
    opened.goto(address)
    yield opened
    opened.close()
    assert said == [address]


def shown(page: Any, table: str, n: int) -> FloatArray:
    result = np.zeros((n, n))
    for i, j, value in page.eval_on_selector_all(
        f"#{table} td[data-i]", "cells => cells.map(c => [+c.dataset.i, +c.dataset.j, +c.dataset.value])"
    ):
        result[i, j] = value
    return result


@pytest.mark.slow
def test_choosing_shows_what_the_file_holds(page: Any, run: dict[str, Any]) -> None:
    n = len(WORDS[1])
    page.select_option("#sentence", "0/1")
    page.select_option("#model", "large")
    for layer, head in ((0, None), (2, None), (2, 0), (2, 1), (1, 1)):
        page.select_option("#layer", str(layer))
        page.select_option("#head", "mean" if head is None else str(head))
        np.testing.assert_allclose(shown(page, "attention", n), in_file(run, "large", layer, head, 1), atol=NEAR)
    one = shown(page, "saccades", n)
    page.select_option("#group", "L2")
    assert not np.array_equal(shown(page, "saccades", n), one)
    assert page.inner_text("#attention tbody tr:nth-child(4) th") == "<word>"
    assert page.inner_text("#saccades-title") == "Saccades: L2"
    # What can stay stays when another sentence is chosen.
    page.select_option("#sentence", "0/0")
    assert page.input_value("#model") == "large"
    np.testing.assert_allclose(shown(page, "attention", 4), in_file(run, "large", 1, 1, 0), atol=NEAR)


@pytest.mark.slow
def test_keys_are_enough(page: Any, run: dict[str, Any]) -> None:
    for name in ("sentence", "model", "layer", "head", "group", "numbers"):
        assert page.get_by_label({"group": "Readers", "numbers": "Numbers in the cells"}.get(name, name.capitalize()))
    page.focus("#head")
    page.keyboard.press("ArrowDown")
    np.testing.assert_allclose(shown(page, "attention", 4), in_file(run, "small", 0, 0, 0), atol=NEAR)
    page.focus("#attention td[tabindex='0']")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    value = in_file(run, "small", 0, 0, 0)[2, 1]
    assert page.inner_text("#said").startswith(f"From “sat” to “cat”: attention {value:.3g}, saccades")
    page.check("#numbers")
    assert page.inner_text('#attention td[data-i="2"][data-j="1"]') == f"{value:.3g}"


@pytest.mark.slow
def test_darker_is_more_and_without_colour(page: Any) -> None:
    cells = page.eval_on_selector_all(
        "#attention td[data-i]", "cells => cells.map(c => [+c.dataset.value, c.style.backgroundColor])"
    )
    greys = [tuple(map(int, re.findall(r"\d+", colour))) for _, colour in cells]
    assert all(len(set(grey)) == 1 for grey in greys)
    order = np.argsort([value for value, _ in cells])
    assert all(np.diff([greys[k][0] for k in order]) <= 0)


@pytest.mark.slow
def test_axe_finds_no_grave_fault(page: Any) -> None:
    assert faults(page) == []
    page.select_option("#head", "1")
    page.check("#numbers")
    page.focus("#attention td[tabindex='0']")
    page.keyboard.press("ArrowDown")
    assert faults(page) == []


@pytest.mark.slow
def test_axe_finds_what_is_wrong(page: Any) -> None:
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    page.evaluate("document.querySelector('h1').style.color = '#dddddd'")
    found = "\n".join(faults(page))
    assert "critical: Buttons must have discernible text" in found
    assert "serious: Elements must meet minimum color contrast" in found
