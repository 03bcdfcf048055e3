"""Extraction against sentence-by-sentence output_attentions=True, for several architectures and any split."""

import contextlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask

from readalike.attention import tap as tap_module
from readalike.attention.batches import batches
from readalike.attention.blocks import Block
from readalike.attention.extract import Extraction, extract_block
from readalike.attention.words import tokenise
from readalike.corpus import Corpus, Sentence
from readalike.errors import (
    ConfigurationError,
    FileFormatError,
    NumericsError,
    UnsupportedModelError,
)
from readalike.files.attention import ROLLOUT
from readalike.weights.tensors import Checkpoint
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
# Two prefixes of different length, so that a batch has both and neither.
CONDITIONS = {"plain": "", "noise": "Cigarette first steel.", "translate": "Please translate this into German:"}
# Float32 rounding over a few layers; the two sides multiply matrices of different shapes.
ATTENTION_TOL = 1e-5
LOSS_TOL = 1e-4  # nats summed over a sentence of about 20 tokens


def run(folder: Path, first: int = 0, last: int = 3, layers: int = 4, **options: object) -> Extraction:
    settings: dict[str, object] = {"token_budget": 64, "dtype": "float32", "threads": 1, "device": "cpu"}
    settings |= {"model_name": "tiny", "first": first, "last": last, "layers": layers, "progress": False}
    return extract_block(Checkpoint(folder), CORPUS, CONDITIONS, **{**settings, **options})  # type: ignore[arg-type]


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
    shared = found.attributes["shared_prefix_tokens"]
    assert 0 == shared["plain"] < shared["noise"] < shared["translate"], "the prefixes went through the layers once"


def test_what_stands_on_padding_belongs_to_the_states(tmp_path: Path) -> None:
    """Experts work on all tokens of a batch together: at this size other padding changes the last bits of the rest."""
    folder, states = make_tiny_checkpoint(tmp_path / "model", family="mixtral", hidden=128), tmp_path / "s.safetensors"
    whole = run(folder)
    run(folder, 0, 1, states_out=states)
    part = run(folder, 2, 3, states_in=states)
    for name, result in part.conditions.items():
        np.testing.assert_array_equal(result.attention, whole.conditions[name].attention[2:])
        np.testing.assert_array_equal(result.loss, whole.conditions[name].loss)


SPLIT = ["llama", "gpt2", "gpt_neox", "qwen2", "gemma2", "gemma3_text", "opt", "mixtral"]


@pytest.mark.parametrize("family", SPLIT)
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_any_split_gives_the_same_bits(tmp_path: Path, family: str, tied: bool, dtype: str) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model", family=family, tied=tied)
    options = {"dtype": dtype, "kind": ROLLOUT}
    whole = run(folder, **options)
    for split in ([(0, 0), (1, 1), (2, 2), (3, 3)], [(0, 2), (3, 3)]):
        states = None
        for first, last in split:
            after = tmp_path / f"states-{first}-{last}.safetensors"
            part = run(folder, first, last, states_in=states, states_out=after, **options)
            states = after
            for name, result in part.conditions.items():
                expected = whole.conditions[name]
                np.testing.assert_array_equal(result.attention, expected.attention[first : last + 1])
                np.testing.assert_array_equal(result.other[ROLLOUT], expected.other[ROLLOUT][first : last + 1])
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


def test_rollout_is_that_of_the_tokens_multiplied_by_hand(tmp_path: Path) -> None:
    """Abnar and Zuidema (2020): 0.5 A + 0.5 I, averaged over heads, multiplied layer by layer; then merged to words."""
    folder = make_tiny_checkpoint(tmp_path)
    found = run(folder, kind=ROLLOUT)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for name, prefix in CONDITIONS.items():
        for k, sentence in enumerate(CORPUS.sentences):
            tokens = tokenise(tokenizer, sentence, prefix, None)
            with torch.no_grad():
                layers = model(torch.tensor([tokens.ids]), output_attentions=True).attentions
            rolled, owners = np.eye(len(tokens.ids)), np.array(tokens.words)
            for layer, values in enumerate(layers):
                rolled = (0.5 * values[0].double().numpy().mean(axis=0) + 0.5 * np.eye(len(rolled))) @ rolled
                assert rolled.sum(axis=1) == pytest.approx(1)
                words = [
                    [rolled[owners == i][:, owners == j].sum(axis=1).mean() for j in range(i + 1)]
                    for i in range(len(sentence.words))
                ]
                ours = found.conditions[name].other[ROLLOUT][layer, 0, CORPUS.pairs_of(k)]
                np.testing.assert_allclose(ours, np.concatenate(words), atol=ATTENTION_TOL)


# Rounding of weights and states, and of eager's probabilities, in that dtype over four layers.
LOW_PRECISION_TOL = {"bfloat16": 0.08, "float16": 0.01}


@pytest.mark.parametrize("dtype", sorted(LOW_PRECISION_TOL))
def test_low_precision_is_near_float32_and_rounds(tmp_path: Path, dtype: str) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    exact, found = run(folder), run(folder, dtype=dtype)
    difference = max(
        np.abs(found.conditions[name].attention - exact.conditions[name].attention).max() for name in CONDITIONS
    )
    assert 1e-5 < difference < LOW_PRECISION_TOL[dtype]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        ("layers.2.self_attn.q_proj", "attention of layer 2"),
        ("layers.3.mlp.down_proj", "what leaves layer 3"),
        ("norm", "the loss"),
    ],
)
@pytest.mark.parametrize("share", [True, False])
def test_what_is_not_a_number_is_named(tmp_path: Path, tensor: str, said: str, value: float, share: bool) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        model.model.get_parameter(f"{tensor}.weight").view(-1)[0] = value
    model.save_pretrained(folder)
    expected = rf"tiny, condition \w+: {said} is not a number in article 1, sentence \d\)?; "
    for dtype, advice in (("float32", "its weights are damaged"), ("bfloat16", "use dtype: float32")):
        with pytest.raises(NumericsError, match=expected + advice):
            run(folder, share_prefixes=share, dtype=dtype)


def test_what_stands_on_padding_may_be_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder)
    plain = Block.states

    def spoilt(block: Block, ids: torch.Tensor, mask: torch.Tensor, *others: object, **keywords: object) -> object:
        after, entering = plain(block, ids, mask, *others, **keywords)
        return after.masked_fill(mask[:, -ids.shape[1] :, None] == 0, float("nan")), entering

    monkeypatch.setattr(Block, "states", spoilt)
    np.testing.assert_array_equal(run(folder).conditions["noise"].loss, expected.conditions["noise"].loss)


def test_a_decoder_that_looks_ahead_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_tiny_checkpoint(tmp_path)

    def no_mask(*arguments: object, **keywords: object) -> torch.Tensor:
        return torch.zeros_like(eager_mask(*arguments, **keywords))

    monkeypatch.setitem(ALL_MASK_ATTENTION_FUNCTIONS._global_mapping, tap_module.NAME, no_mask)
    with pytest.raises(UnsupportedModelError, match="layer 0 attends to later tokens"):
        run(folder)


def test_a_condition_is_extracted_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of its own, so that bits may be others; what says whether a first token is predicted stays."""
    folder = make_tiny_checkpoint(tmp_path)
    together = run(folder)
    for name in ("plain", "noise"):
        monkeypatch.delitem(CONDITIONS, name)
    alone = run(folder)
    assert list(alone.conditions) == ["translate"]
    assert alone.attributes["first_token_predicted"] is together.attributes["first_token_predicted"] is False
    for field in ("attention", "loss", "tokens"):
        expected = getattr(together.conditions["translate"], field)
        np.testing.assert_allclose(getattr(alone.conditions["translate"], field), expected, atol=ATTENTION_TOL)


def test_states_go_on_with_some_of_their_conditions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may be removed from the configuration between two blocks; one that is not there is named."""
    folder, states = make_tiny_checkpoint(tmp_path / "model"), tmp_path / "s.safetensors"
    whole = run(folder, kind=ROLLOUT)
    run(folder, 0, 1, states_out=states, kind=ROLLOUT)
    monkeypatch.delitem(CONDITIONS, "noise")
    part = run(folder, 2, 3, states_in=states, kind=ROLLOUT)
    assert set(part.conditions) == {"plain", "translate"}
    for name, found in part.conditions.items():
        expected = whole.conditions[name]
        np.testing.assert_allclose(found.attention, expected.attention[2:], atol=ATTENTION_TOL)
        np.testing.assert_allclose(found.other[ROLLOUT], expected.other[ROLLOUT][2:], atol=ATTENTION_TOL)
    monkeypatch.setitem(CONDITIONS, "other", "Another:")
    with pytest.raises(FileFormatError, match="states of other sentences or conditions; delete it"):
        run(folder, 2, 3, states_in=states)


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


def test_a_text_longer_than_the_models_positions_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = AutoTokenizer.from_pretrained(make_tiny_checkpoint(tmp_path / "any"))
    longest = max(len(tokenise(tokenizer, item, CONDITIONS["translate"], None).ids) for item in CORPUS.sentences)
    for positions in (longest, longest - 1):
        monkeypatch.setitem(FAMILIES["gpt2"], "n_positions", positions)
        folder = make_tiny_checkpoint(tmp_path / str(positions), family="gpt2")
        expected = (
            rf"article 1, sentence \d has {longest} tokens in condition translate, the model {positions} positions"
        )
        with contextlib.nullcontext() if positions == longest else pytest.raises(UnsupportedModelError, match=expected):
            run(folder)


def test_texts_on_both_sides_of_longrope_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond that length all positions of a batch are turned otherwise, the short texts' as well."""
    tokenizer = AutoTokenizer.from_pretrained(make_tiny_checkpoint(tmp_path / "any"))
    longest = max(len(tokenise(tokenizer, item, CONDITIONS["translate"], None).ids) for item in CORPUS.sentences)
    for length in (longest, longest - 1):
        rope = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [3.0] * 4}
        monkeypatch.setitem(FAMILIES["phi3"], "rope_parameters", rope | {"original_max_position_embeddings": length})
        monkeypatch.setitem(FAMILIES["phi3"], "original_max_position_embeddings", length)
        folder = make_tiny_checkpoint(tmp_path / str(length), family="phi3")
        if length < longest:
            with pytest.raises(UnsupportedModelError, match=f"{longest} tokens .* {length} positions before longrope"):
                run(folder)
            continue
        found, (attention, _) = run(folder), by_hand(folder)
        for name in CONDITIONS:
            np.testing.assert_allclose(found.conditions[name].attention, attention[name], atol=ATTENTION_TOL)


def test_states_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, states = make_tiny_checkpoint(tmp_path / "model"), tmp_path / "s.safetensors"
    run(folder, 0, 0, states_out=states)
    with pytest.raises(FileFormatError, match="states of layer 0, expected layer 1"):
        run(folder, 2, 3, states_in=states)
    with pytest.raises(FileFormatError, match="the block before left no rollout"):
        run(folder, 1, 3, states_in=states, kind=ROLLOUT)
    # as many tokens, other words
    first = CORPUS.sentences[0]
    other = Corpus((replace(first, words=first.words[::-1]), *CORPUS.sentences[1:]))
    monkeypatch.setattr(sys.modules[__name__], "CORPUS", other)
    with pytest.raises(FileFormatError, match="expected layer 0 of this corpus"):
        run(folder, 1, 3, states_in=states)


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


def test_float32_is_not_lowered_by_the_environment(tmp_path: Path) -> None:
    """NVIDIA's containers ask for TF32."""
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        found = run(folder)
        assert torch.get_float32_matmul_precision() == "highest"
    finally:
        torch.set_float32_matmul_precision(before)
    np.testing.assert_array_equal(found.conditions["plain"].attention, expected.conditions["plain"].attention)
