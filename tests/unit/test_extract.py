"""Extraction against sentence-by-sentence output_attentions=True, for several architectures and any split."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask

from readalike.attention import tap as tap_module
from readalike.attention.batches import batches
from readalike.attention.blocks import probe
from readalike.attention.extract import Extraction, extract_block
from readalike.attention.words import tokenise
from readalike.corpus import Corpus, Sentence
from readalike.errors import (
    ConfigurationError,
    FileFormatError,
    NumericsError,
    ReadalikeError,
    UnsupportedModelError,
)
from tests.tiny_models import FAMILIES, make_tiny_checkpoint

CORPUS = Corpus(
    tuple(
        Sentence(1, k, tuple(text.split()))
        for k, text in enumerate(
            [
                "Bats' calls lie far above what any human can hear.",
                "About 69% of it lies in glaciers and ice caps.",
                'Dr. Hamming\'s so-called "checks" overlap.',
                "Sound is a wave.",
            ],
            start=1,
        )
    )
)
CONDITIONS = {"plain": "", "noise": "Cigarette first steel."}
# Float32 rounding over a few layers; the two sides multiply matrices of different shapes.
ATTENTION_TOL = 1e-5
LOSS_TOL = 1e-4  # nats summed over a sentence of about 20 tokens


def run(folder: Path, first: int = 0, last: int = 3, layers: int = 4, **options: object) -> Extraction:
    settings: dict[str, object] = {"token_budget": 64, "dtype": "float32", "threads": 1, "device": "cpu"}
    return extract_block(  # type: ignore[arg-type]
        folder, CORPUS, CONDITIONS, model_name="tiny", first=first, last=last, layers=layers, progress=False,
        **{**settings, **options},
    )  # fmt: skip


def by_hand(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The way the paper's authors do it: one sentence at a time, merged head by head in numpy."""
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    attention, loss = {}, {}
    for name, prefix in CONDITIONS.items():
        parts, nats = [], []
        for sentence in CORPUS.sentences:
            tokens = tokenise(tokenizer, sentence, prefix, None)
            with torch.no_grad():
                out = model(torch.tensor([tokens.ids]), output_attentions=True)
            n = len(sentence.words)
            owners = np.array(tokens.words)
            merged = np.zeros((len(out.attentions), out.attentions[0].shape[1], n, n))
            for layer, values in enumerate(out.attentions):
                for head, matrix in enumerate(values[0].double().numpy()):
                    for i in range(n):
                        for j in range(n):
                            merged[layer, head, i, j] = matrix[owners == i][:, owners == j].sum(axis=1).mean()
            i, j = np.tril_indices(n)
            parts.append(merged[:, :, i, j])
            own = owners[1:] >= 0
            losses = torch.nn.functional.cross_entropy(
                out.logits[0, :-1].double(), torch.tensor(tokens.ids[1:]), reduction="none"
            )
            nats.append(float(losses[torch.tensor(own)].sum()))
        attention[name], loss[name] = np.concatenate(parts, axis=2), np.array(nats)
    return attention, loss


def mean_entropy(attention: np.ndarray) -> float:
    """Mean entropy of renormalised rows of at least 3 words, as a share of that of a uniform row."""
    _, i, _ = CORPUS.pairs
    starts = np.flatnonzero(CORPUS.pairs.to_word == 0)
    rows = np.add.reduceat(attention, starts, axis=-1)
    lengths = np.diff(np.append(starts, CORPUS.n_pairs))
    p = attention / np.repeat(rows, lengths, axis=-1)
    entropy = -np.add.reduceat(p * np.log(np.maximum(p, 1e-30)), starts, axis=-1)
    long = i[starts] >= 2
    return float((entropy[..., long] / np.log(lengths[long])).mean())


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_attention_and_loss_equal_the_plain_way(tmp_path: Path, family: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family)
    found, (attention, loss) = run(folder), by_hand(folder)
    assert 0.1 < mean_entropy(attention["plain"]) < 0.97, "a comparison of uniform attention shows nothing"
    for name in CONDITIONS:
        result = found.conditions[name]
        np.testing.assert_allclose(result.attention, attention[name], atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.loss, loss[name], atol=LOSS_TOL)
    assert found.attributes["heads"] == 4


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "qwen2", "gemma2", "opt"])
@pytest.mark.parametrize("tied", [False, True])
def test_any_split_gives_the_same_bits(tmp_path: Path, family: str, tied: bool) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model", family=family, tied=tied)
    whole = run(folder)
    for split in ([(0, 0), (1, 1), (2, 2), (3, 3)], [(0, 2), (3, 3)]):
        states = None
        for first, last in split:
            after = tmp_path / f"states-{first}-{last}.safetensors"
            part = run(folder, first, last, states_in=states, states_out=after)
            states = after
            for name, result in part.conditions.items():
                expected = whole.conditions[name]
                np.testing.assert_array_equal(result.attention, expected.attention[first : last + 1])
                if last == 3:
                    np.testing.assert_array_equal(result.loss, expected.loss)
                    np.testing.assert_array_equal(result.tokens, expected.tokens)
                else:
                    assert result.loss is None


def test_tied_embeddings_count_once(tmp_path: Path) -> None:
    tied = run(make_tiny_checkpoint(tmp_path / "tied", tied=True)).attributes["parameters"]
    untied = run(make_tiny_checkpoint(tmp_path / "untied")).attributes["parameters"]
    assert untied - tied == 32 * 400


def test_rows_sum_to_one_without_a_prefix_and_less_with_one(tmp_path: Path) -> None:
    found = run(make_tiny_checkpoint(tmp_path))
    starts = np.flatnonzero(CORPUS.pairs.to_word == 0)
    plain = np.add.reduceat(found.conditions["plain"].attention, starts, axis=2)
    np.testing.assert_allclose(plain, 1, atol=ATTENTION_TOL)
    first_words = np.add.reduceat(found.conditions["noise"].attention, starts, axis=2)[:, :, [0, 10]]
    assert first_words.max() < 0.99


def test_a_start_token_takes_attention_and_predicts_the_first_token(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    without, with_start = run(folder), run(folder, start_token=True)
    assert not without.attributes["first_token_predicted"]
    assert with_start.attributes["first_token_predicted"]
    difference = with_start.conditions["plain"].tokens - without.conditions["plain"].tokens
    assert (difference == 1).all()
    assert with_start.conditions["plain"].attention[0, :, 0].max() < 1


def test_out_of_memory_halves_the_budget_and_the_result_is_that_of_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder, token_budget=50)
    collect = tap_module._collect

    def allocator_fails(tap: tap_module.Tap, layer: int, probabilities: torch.Tensor) -> None:
        if probabilities.shape[0] * probabilities.shape[2] > 50:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 1 TB")
        collect(tap, layer, probabilities)

    monkeypatch.setattr(tap_module, "_collect", allocator_fails)
    found = run(folder, token_budget=200)
    assert found.attributes["token_budget"] == 50
    assert "out of memory; starting again with a token budget of 50" in caplog.text
    np.testing.assert_array_equal(found.conditions["plain"].attention, expected.conditions["plain"].attention)


def test_a_sentence_that_never_fits_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collect = tap_module._collect

    def allocator_fails(tap: tap_module.Tap, layer: int, probabilities: torch.Tensor) -> None:
        if tap.membership is not None:  # a probe has none, and needs no memory
            raise torch.OutOfMemoryError("CUDA out of memory")
        collect(tap, layer, probabilities)

    monkeypatch.setattr(tap_module, "_collect", allocator_fails)
    with pytest.raises(ReadalikeError, match="not even one sentence fits"):
        run(make_tiny_checkpoint(tmp_path))


def test_nan_in_attention_names_model_condition_layer_and_sentence(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        model.model.layers[2].self_attn.q_proj.weight[0, 0] = float("nan")
    model.save_pretrained(folder)
    with pytest.raises(NumericsError, match="tiny, condition .*: attention of layer 2 is not a number in article 1"):
        run(folder)


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("bloom", {"hidden_size": 32, "n_layer": 2, "n_head": 4}),
        ("gptj", {"n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4}),
        ("falcon", {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}),
    ],
)
def test_models_that_cannot_be_tapped_are_refused_before_weights_are_read(family: str, options: dict) -> None:
    config = AutoConfig.for_model(family, vocab_size=100, **options)
    with pytest.raises(UnsupportedModelError, match=r"(?s)(attention calls|cannot be tapped).*LLaMA"):
        probe(config)


def test_sinks_are_refused() -> None:
    config = AutoConfig.for_model(
        "gpt_oss", vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, intermediate_size=32, num_local_experts=2, num_experts_per_tok=1,
    )  # fmt: skip
    with pytest.raises(UnsupportedModelError, match="s_aux"):
        probe(config)


def test_an_encoder_is_refused() -> None:
    config = AutoConfig.for_model(
        "bert", vocab_size=400, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32,
        is_decoder=False,
    )  # fmt: skip
    with pytest.raises(UnsupportedModelError, match="not causal"):
        probe(config)


def test_a_decoder_that_looks_ahead_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_tiny_checkpoint(tmp_path)

    def no_mask(*arguments: object, **keywords: object) -> torch.Tensor:
        return torch.zeros_like(eager_mask(*arguments, **keywords))

    monkeypatch.setitem(ALL_MASK_ATTENTION_FUNCTIONS._global_mapping, tap_module.NAME, no_mask)
    with pytest.raises(UnsupportedModelError, match="layer 0 attends to later tokens"):
        run(folder)


def test_wrong_layers_missing_states_and_missing_tensors_are_named(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    with pytest.raises(ConfigurationError, match=r"models\.tiny\.layers: 5, but .* has 4"):
        run(folder, layers=5)
    with pytest.raises(ConfigurationError, match="needs the states of the block before"):
        run(folder, 2, 3)
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(FileFormatError, match=r"no tensor for model\.layers\.1\.mlp\.up_proj\.weight"):
        run(folder)


def test_states_of_another_layer_are_refused(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model")
    run(folder, 0, 0, states_out=tmp_path / "s.safetensors")
    with pytest.raises(FileFormatError, match="states of layer 0, expected layer 1"):
        run(folder, 2, 3, states_in=tmp_path / "s.safetensors")


def test_batches_keep_the_budget_and_every_item_once() -> None:
    from readalike.attention.batches import Item
    from readalike.attention.words import Tokens

    rng = np.random.default_rng(0)
    items = [Item(c, s, Tokens((1,) * int(rng.integers(3, 40)), ())) for c in range(3) for s in range(20)]
    for budget in (1, 64, 512):
        plan = batches(items, budget)
        assert sorted(k for members in plan for k in members) == list(range(len(items)))
        padded = [len(members) * max(len(items[k].tokens.ids) for k in members) for members in plan]
        assert all(size <= budget or len(members) == 1 for size, members in zip(padded, plan, strict=True))
