"""Training of the bundled models: it continues bit by bit, the trigram adds up, nothing held out is trained on."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch

from readalike.corpus import Corpus, Sentence
from readalike.errors import DownloadError
from readalike.training import loop
from readalike.training.evaluate import chosen_options, previous_word_attention
from readalike.training.instructions import WORDINGS, Item, items, suitable
from readalike.training.loop import (
    IGNORED,
    Recipe,
    batches_of,
    make_model,
    packed,
    pad_right,
    save_float16,
    train,
    windows,
)
from readalike.training.text import SOURCES, Synset, definition, fetch, is_held_out, read_synsets, split_documents
from readalike.training.tokens import END, START, instruction_row, stream, train_tokenizer
from readalike.training.trigram import Trigram

TEXT = "river stone bright water falls slowly over old grey hills while birds sing near quiet farms"
WORDS = TEXT.split()
PROBABILITY_TOL = 1e-12  # the same sums in another order


def invented(number: int, seed: int = 0) -> list[str]:
    draw = np.random.default_rng(seed)
    return [" ".join(draw.choice(WORDS, size=draw.integers(5, 15))) + "." for _ in range(number)]


def synsets(number: int) -> list[tuple[str, list[Synset]]]:
    """Documents of two invented meanings each."""
    texts = invented(2 * number, seed=1)
    meanings = [
        Synset((f"word{k}",), "navr"[k % 4], f"the {WORDS[k % 15]} of some hill number {k}", (f"we saw the {text}",))
        for k, text in enumerate(texts)
    ]
    return [(f"document {k}", meanings[2 * k : 2 * k + 2]) for k in range(number)]


def trained(checkpoint: Path, sequences: torch.Tensor, steps: int = 4) -> tuple[dict[str, torch.Tensor], list]:
    model = make_model(hidden=16, layers=2, heads=2, intermediate=24, vocabulary=300, seed=3)
    recipe = Recipe(steps=steps, batch=2, rate=1e-2, seed=5)
    batch_of = batches_of(sequences, sequences, recipe)
    curve = train(model, batch_of, (sequences[:2], sequences[:2]), recipe, checkpoint, progress=False)
    return model.state_dict(), curve


@pytest.fixture(scope="module")
def sequences() -> torch.Tensor:
    return packed(np.random.default_rng(0).integers(2, 300, size=7 * 16 + 3), 16)


def test_an_interrupted_training_continues_bit_by_bit(
    tmp_path: Path, sequences: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 2)
    monkeypatch.setattr(loop, "MEASURE_EVERY", 1)
    expected, curve = trained(tmp_path / "whole.pt", sequences)

    def interrupted(*arguments: object, **keywords: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # The third step fails, after the checkpoint of the second.
        clip, calls = torch.nn.utils.clip_grad_norm_, iter(range(10))
        patch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *a: clip(*a) if next(calls) < 2 else interrupted())
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "part.pt", sequences)
    assert torch.load(tmp_path / "part.pt")["step"] == 2
    found, continued = trained(tmp_path / "part.pt", sequences)
    assert continued == curve
    assert [p.step for p in curve] == [0, 1, 2, 3, 4]
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
    again, _ = trained(tmp_path / "part.pt", sequences)  # nothing is left to do
    assert all(torch.equal(again[name], tensor) for name, tensor in expected.items())


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path, sequences: torch.Tensor) -> None:
    trained(tmp_path / "a.pt", sequences)
    with pytest.raises(loop.ConfigurationError, match=r"a\.pt: .* another recipe.*remove it"):
        trained(tmp_path / "a.pt", sequences, steps=6)


def test_every_epoch_shows_every_sequence_once_in_an_order_of_its_own() -> None:
    rows = torch.arange(10)[:, None].expand(10, 3)
    batch_of = batches_of(rows, rows, Recipe(steps=9, batch=4, rate=1, seed=1))
    seen = [int(k) for step in range(5) for k in batch_of(step)[0][:, 0]]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    assert torch.equal(batch_of(2)[0], batches_of(rows, rows, Recipe(steps=9, batch=4, rate=1, seed=1))(2)[0])


def test_the_model_learns_and_is_saved_in_float16_without_being_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "WARM_UP", 5)
    sequences = packed(np.tile(np.arange(2, 18), 40), 16)
    model = make_model(hidden=16, layers=2, heads=2, intermediate=24, vocabulary=300, seed=3)
    recipe = Recipe(steps=60, batch=4, rate=2e-2, seed=5)
    held_out = (sequences[:2], sequences[:2])
    curve = train(model, batches_of(sequences, sequences, recipe), held_out, recipe, tmp_path / "c.pt", progress=False)
    assert curve[0].loss == pytest.approx(np.log(300), abs=0.1)
    assert curve[-1].loss < 0.5
    assert curve[-1].tokens == 60 * 4 * 16
    save_float16(model, tmp_path / "saved")
    assert model.dtype == torch.float32
    again = type(model).from_pretrained(tmp_path / "saved", dtype=torch.float32)
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor.half().float()), name


def test_windows_predict_each_token_once_after_half_a_length() -> None:
    ids, labels = windows(np.arange(100, 147, dtype=np.uint16), 10)
    assert [row[row != IGNORED].tolist() for row in labels] == [[*range(k, k + 5)] for k in range(105, 145, 5)]
    assert torch.equal(ids[0], torch.arange(100, 110))
    assert torch.equal(ids[labels != IGNORED], labels[labels != IGNORED])


def test_the_rate_rises_stays_and_falls() -> None:
    shares = [loop._share(step, 1000) for step in range(1000)]
    assert shares[0] == 0.01
    assert set(shares[100:600]) == {1.0}
    assert shares[800] == pytest.approx(0.5)
    assert 0 < shares[-1] < 0.01
    assert shares[:500] == [loop._share(step, 2000) for step in range(500)], "a longer plan begins alike"


def brute_force(tokens: list[int], vocabulary: int, context: tuple[int, ...], c: int) -> float:
    """Interpolated Kneser-Ney as the formula says it, with dictionaries."""

    def grams(n: int) -> list[tuple[int, ...]]:
        return [tuple(tokens[k : k + n]) for k in range(len(tokens) - n + 1)]

    counts: dict[int, dict[tuple[int, ...], int]] = {n: defaultdict(int) for n in (1, 2, 3)}
    for gram in grams(3):
        counts[3][gram] += 1
    for n in (2, 1):
        for gram in set(grams(n + 1)):
            counts[n][gram[1:]] += 1
    lower = brute_force(tokens, vocabulary, context[1:], c) if context else 1 / vocabulary
    table = counts[len(context) + 1]
    values = list(table.values())
    once, twice = values.count(1), values.count(2)
    discount = once / (once + 2 * twice) if once else 0.5
    own = {gram: n for gram, n in table.items() if gram[:-1] == context}
    total = sum(own.values())
    if not total:
        return lower
    return max(own.get((*context, c), 0) - discount, 0) / total + discount * len(own) / total * lower


def test_the_trigram_equals_brute_force_and_sums_to_one() -> None:
    draw = np.random.default_rng(4)
    tokens = draw.choice(7, size=60, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0]).astype(np.uint16)  # 6 is never seen
    model = Trigram(tokens, 7)
    test = draw.integers(0, 7, size=40)
    for k, nats in enumerate(model.nats(test)):
        expected = brute_force(tokens.tolist(), 7, (int(test[k]), int(test[k + 1])), int(test[k + 2]))
        assert np.exp(-nats) == pytest.approx(expected, abs=PROBABILITY_TOL)
    for a, b in [(0, 1), (2, 2), (6, 0), (0, 6), (6, 6)]:
        total = sum(np.exp(-model.nats(np.array([a, b, c]))[0]) for c in range(7))
        assert total == pytest.approx(1, abs=PROBABILITY_TOL)


def test_held_out_documents_follow_their_text_alone() -> None:
    documents = [f"document {k}" for k in range(3000)]
    kept, left = split_documents([*documents, *documents[::-1]])
    assert not set(kept) & set(left)
    assert sorted(kept + left) == sorted(documents)
    assert len(left) == pytest.approx(3000 / 50, abs=4 * (3000 / 50) ** 0.5)
    assert split_documents(documents[::-1])[1] == left[::-1]


def test_held_out_instructions_share_no_meaning_and_no_wording_with_trained_ones() -> None:
    documents = synsets(2000)
    seen, kept = suitable(documents, held_out=False), suitable(documents, held_out=True)
    assert not set(seen) & set(kept)
    assert {s for d, group in documents if is_held_out(d) for s in group} == set(kept)
    training, held_out = items(seen, 400, 1, held_out=False), items(kept, 100, 2, held_out=True)
    assert len(training) == 400
    assert len(held_out) == 100
    assert {i.task for i in held_out} == {i.task for i in training} == set(WORDINGS)
    assert not {i.answer for i in training} & {i.answer for i in held_out}
    for task, wordings in WORDINGS.items():
        start = wordings[-1].split("{}")[0] or wordings[-1].split("{}")[1]
        assert all(start in i.prompt for i in held_out if i.task == task)
        assert not any(start in i.prompt for i in training if i.task == task)
    for item in held_out:
        assert item.options[0] == item.answer
        assert len(set(item.options)) == 4
    assert items(kept, 100, 2, held_out=True) == held_out


def test_the_prompts_of_the_demo_are_trained_on() -> None:
    assert "Please paraphrase this sentence: {}" in WORDINGS["paraphrase"][:-1]


def test_tokens_stand_with_a_start_and_no_token_crosses_a_space() -> None:
    tokenizer = train_tokenizer(invented(200), vocabulary=400)
    ids = tokenizer("bright water falls.  Old\nhills ©")["input_ids"]
    assert ids[0] == START
    assert tokenizer.decode(ids[1:]) == "bright water falls.  Old\nhills ©"
    for token in tokenizer.get_vocab():
        assert not tokenizer.convert_tokens_to_string([token]).strip().count(" "), token
    assert stream(tokenizer, ["river", "stone"]).tolist().count(START) == 2


def test_only_the_answer_of_an_instruction_is_learned() -> None:
    tokenizer = train_tokenizer(invented(200), vocabulary=400)
    item = Item("define", "Define river.", "A river falls.", ())
    ids, before = instruction_row(tokenizer, item)
    assert ids[0] == START
    assert ids[-1] == END
    assert tokenizer.decode(ids[1:before]) == "Define river.\n"
    padded, labels = pad_right([(ids, before)], 40, START)
    assert padded[0, : len(ids)].tolist() == ids
    assert labels[0].tolist() == [IGNORED] * before + ids[before:] + [IGNORED] * (40 - len(ids))


def test_the_option_with_the_lowest_loss_per_token_is_chosen(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(invented(200), vocabulary=400)
    model = make_model(hidden=16, layers=1, heads=2, intermediate=24, vocabulary=400, seed=3)
    item = Item("define", "Define river.", "x", ("stone", "old birds sing", "quiet", "grey hills"))
    means = []
    for option in item.options:
        ids, before = instruction_row(tokenizer, item, option, end=False)
        with torch.no_grad():
            logs = model(torch.tensor([ids])).logits[0].double().log_softmax(dim=1)
        means.append(-np.mean([float(logs[k - 1, ids[k]]) for k in range(before, len(ids))]))
    assert chosen_options(model, tokenizer, [item, item]) == [int(np.argmin(means))] * 2


def test_attention_to_the_previous_word_is_a_mean_over_words_that_have_one() -> None:
    corpus = Corpus((Sentence(1, 1, ("a", "b", "c")), Sentence(1, 2, ("d",)), Sentence(1, 3, ("e", "f"))))
    # Pairs of three words: 00, 10, 11, 20, 21, 22.
    attention = np.array([[[9, 0.2, 9, 9, 0.4, 9, 9, 9, 0.9, 9]]])
    assert previous_word_attention(attention, corpus) == pytest.approx(np.array([[0.5]]))


def test_meanings_are_read_as_wordnet_writes_them(tmp_path: Path) -> None:
    line = (
        '00058743 04 {} 02 escape 0 fire_exit 1 010 @ 00046177 n 0000 | (law) {}; "he made his escape"; '
        '"it\'s gone" - Anon.  \n'
    )
    for kind, part, gloss in [
        ("noun", "n", "an act of escaping, physically"),
        ("verb", "v", "run away"),
        ("adj", "s", "of a free kind"),
        ("adv", "r", "in a free manner"),
    ]:
        (tmp_path / f"data.{kind}").write_text("  1 the licence | x\n" + line.format(part, gloss))
    found = list(read_synsets(tmp_path))
    assert found[0] == Synset(
        ("escape", "fire exit"), "n", "an act of escaping, physically", ("he made his escape", "it's gone")
    )
    assert [definition(s) for s in found] == [
        "An escape is an act of escaping, physically.",
        "To escape is to run away.",
        "Escape means of a free kind.",
        "Escape means in a free manner.",
    ]


def test_another_package_is_refused(tmp_path: Path) -> None:
    source = SOURCES[0]
    name = f"{source.package}_{source.version.replace(':', '%3a')}_all.deb"
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(DownloadError, match="SHA-256 is .*, expected .*remove it"):
        fetch(source, tmp_path)


def test_a_machine_without_apt_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DownloadError, match="apt-get is not here.*put wordnet-base_.*into"):
        fetch(SOURCES[0], tmp_path)
