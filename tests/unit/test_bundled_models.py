"""The bundled models as they are shipped: what the tables and cards say of them holds, and extraction is exact."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from readalike.attention.extract import extract_block
from readalike.attention.words import tokenise
from readalike.corpus import Corpus, read_sentences
from readalike.training.evaluate import previous_word_head
from readalike.training.text import SOURCES
from readalike.weights.tensors import Checkpoint
from tests.conftest import ROOT

MODELS = ROOT / "resources" / "models"
BASES = ["tiny-0.1m", "small-0.4m", "medium-1.1m", "large-3m"]
TUNED = {
    "medium-1.1m-instruct": "medium-1.1m",
    "medium-1.1m-instruct-twin": "medium-1.1m",
    "large-3m-instruct": "large-3m",
}
CONDITIONS = {"plain": "", "paraphrase": "Please paraphrase this sentence:"}
# Float32 rounding over up to eight layers; the two sides multiply matrices of different shapes.
ATTENTION_TOL = 1e-5
LOSS_TOL = 1e-3  # nats summed over a sentence of about 20 tokens; the logits of trained models are large
MEAN_TOL = 1e-4  # a mean of attention, recomputed on another machine


@pytest.fixture(scope="module")
def evaluation() -> pd.DataFrame:
    return pd.read_csv(MODELS / "evaluation.csv").set_index("model")


@pytest.fixture(scope="module")
def demo() -> Corpus:
    return read_sentences(ROOT / "resources" / "demo" / "sentences.tsv")


def layers_of(folder: Path) -> int:
    return int(AutoModelForCausalLM.from_pretrained(folder).config.num_hidden_layers)


def test_all_models_are_there_in_less_than_30_megabytes(evaluation: pd.DataFrame) -> None:
    assert sorted(evaluation.index) == sorted(path.name for path in MODELS.iterdir() if path.is_dir())
    assert sorted(evaluation.index) == sorted([*BASES, *TUNED])
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) < 30e6


@pytest.mark.parametrize("name", [*BASES, *TUNED])
def test_extraction_equals_output_attentions(name: str, demo: Corpus) -> None:
    corpus = Corpus(demo.sentences[:3] + demo.sentences[-3:])
    folder = MODELS / name
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    layers = model.config.num_hidden_layers
    found = extract_block(
        Checkpoint(folder), corpus, CONDITIONS, model_name=name, first=0, last=layers - 1, layers=layers,
        dtype="float32", token_budget=128, threads=1, device="cpu", progress=False,
    )  # fmt: skip
    for condition, prefix in CONDITIONS.items():
        result = found.conditions[condition]
        for s, sentence in enumerate(corpus.sentences):
            tokens = tokenise(tokenizer, sentence, prefix, None)
            with torch.no_grad():
                out = model(torch.tensor([tokens.ids]), output_attentions=True)
            owners, n = np.array(tokens.words), len(sentence.words)
            merged = np.zeros((layers, model.config.num_attention_heads, n, n))
            for layer, values in enumerate(out.attentions):
                for i in range(n):
                    for j in range(n):
                        rows = values[0].double().numpy()[:, owners == i][:, :, owners == j]
                        merged[layer, :, i, j] = rows.sum(axis=2).mean(axis=1)
            i, j = np.tril_indices(n)
            here = result.attention[:, :, corpus.pairs_of(s)]
            np.testing.assert_allclose(here, merged[:, :, i, j], atol=ATTENTION_TOL)
            nats = torch.nn.functional.cross_entropy(
                out.logits[0, :-1].double(), torch.tensor(tokens.ids[1:]), reduction="none"
            )
            assert result.loss[s] == pytest.approx(float(nats[torch.tensor(owners[1:] >= 0)].sum()), abs=LOSS_TOL)


@pytest.mark.parametrize("name", [*BASES, *TUNED])
def test_models_are_llamas_in_float16_with_tied_embeddings_and_quarters(name: str, evaluation: pd.DataFrame) -> None:
    model = AutoModelForCausalLM.from_pretrained(MODELS / name)
    assert model.config.model_type == "llama"
    assert model.dtype == torch.float16
    assert model.config.tie_word_embeddings
    assert model.config.num_hidden_layers >= 4
    assert model.num_parameters() == evaluation.parameters[name]
    body = model.num_parameters() - model.get_input_embeddings().weight.numel()
    assert body == evaluation.body_parameters[name]


def test_sizes_are_those_promised(evaluation: pd.DataFrame) -> None:
    sizes = evaluation.body_parameters[BASES].to_numpy()
    np.testing.assert_allclose(sizes, [0.1e6, 0.4e6, 1.2e6, 3e6], rtol=0.15)
    for tuned, base in TUNED.items():
        assert evaluation.base[tuned] == base
        assert evaluation.parameters[tuned] == evaluation.parameters[base]


def test_one_tokenizer_serves_all_and_puts_a_start_first() -> None:
    texts = {(MODELS / name / "tokenizer.json").read_bytes() for name in [*BASES, *TUNED]}
    assert len(texts) == 1
    tokenizer = AutoTokenizer.from_pretrained(MODELS / BASES[0])
    assert len(tokenizer) == 4096
    assert tokenizer("Bees dance.")["input_ids"][0] == tokenizer.bos_token_id
    for token in tokenizer.get_vocab():
        assert " " not in tokenizer.convert_tokens_to_string([token]).strip(), token


def test_held_out_loss_falls_with_size_and_beats_the_trigram_from_the_third_size_on(evaluation: pd.DataFrame) -> None:
    loss = evaluation.held_out[BASES].to_numpy()
    assert (np.diff(loss) < 0).all()
    assert (loss[2:] < evaluation.trigram[BASES].to_numpy()[2:]).all()
    assert len(set(evaluation.trigram)) == 1


def test_tuned_models_follow_instructions_ten_points_better(evaluation: pd.DataFrame) -> None:
    for tuned, base in TUNED.items():
        assert evaluation.instruction_accuracy[tuned] >= evaluation.instruction_accuracy[base] + 10


def test_a_head_of_each_larger_base_gives_the_previous_word_more_than_half(
    evaluation: pd.DataFrame, demo: Corpus
) -> None:
    for name in BASES[2:]:
        head = previous_word_head(MODELS / name, demo, layers_of(MODELS / name))
        assert head.attention > 0.5
        row = evaluation.loc[name]
        assert (row.layer, row["head"]) == (head.layer, head.head)
        assert row.previous_word == pytest.approx(head.attention, abs=MEAN_TOL)


def test_the_twin_is_another_model_and_near(evaluation: pd.DataFrame, demo: Corpus) -> None:
    weights = {
        name: AutoModelForCausalLM.from_pretrained(MODELS / name, dtype=torch.float32)
        .model.layers[3]
        .mlp.up_proj.weight
        for name in ["medium-1.1m", *(n for n, base in TUNED.items() if base == "medium-1.1m")]
    }
    base, tuned, twin = (tensor.detach() for tensor in weights.values())
    assert 0 < float((tuned - twin).norm()) < float((tuned - base).norm())


def test_learning_curves_end_where_training_did(evaluation: pd.DataFrame) -> None:
    curves = pd.read_csv(MODELS / "training.csv")
    assert list(curves.columns) == ["model", "step", "tokens", "held_out"]
    for name, curve in curves.groupby("model"):
        assert curve.tokens.is_monotonic_increasing
        assert curve.tokens.iloc[-1] == evaluation.tokens[name]
        assert curve.held_out.iloc[-1] < curve.held_out.iloc[0]
    assert set(curves.model) == set(evaluation.index)


@pytest.mark.parametrize("name", [*BASES, *TUNED])
def test_cards_name_sources_seeds_and_figures(name: str, evaluation: pd.DataFrame) -> None:
    card = (MODELS / name / "README.md").read_text(encoding="utf-8")
    row = evaluation.loc[name]
    for source in SOURCES:
        assert f"`{source.package}` {source.version}" in card
        assert source.licence in card
    for figure in (f"{row.parameters:,}", f"{row.held_out:.3f}", f"{row.tokens:,}", f"{row.instruction_accuracy:.1f}"):
        assert figure in card
    licences = (MODELS / "LICENCES.txt").read_text(encoding="utf-8")
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in licences
    for section in ("## Learning curve", "## Samples", "| seeds |"):
        assert section in card


def test_no_training_text_is_committed() -> None:
    kinds = {path.suffix for path in MODELS.rglob("*") if path.is_file()}
    assert kinds == {".json", ".safetensors", ".md", ".csv", ".txt"}
