"""Train the bundled family: text, tokenizer, four base models, three tuned ones, their cards and tables.

Continues where it was interrupted: the folder given with --work holds packages, text and checkpoints. Two models are
trained at a time, each on one thread, so that the last bits do not depend on the machine's cores.
"""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from transformers import LlamaForCausalLM
from transformers.utils import logging as transformers_logging

from readalike.corpus import read_sentences
from readalike.files.atomic import replacing
from readalike.files.tables import write_csv
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.training.cards import Card, render
from readalike.training.evaluate import accuracy, continuations, previous_word_head
from readalike.training.instructions import Item, items, suitable
from readalike.training.loop import (
    IGNORED,
    Batch,
    Point,
    Recipe,
    batches_of,
    make_model,
    mean_nats,
    packed,
    pad_right,
    save_float16,
    train,
    windows,
)  # fmt: skip
from readalike.training.text import SOURCES, Source, copyright_file, fetch, paragraphs, split_documents
from readalike.training.tokens import START, VOCABULARY, instruction_row, load_tokenizer, stream, train_tokenizer
from readalike.training.trigram import Trigram

log = logging.getLogger("readalike")

LENGTH = 128  # tokens of a sequence
CURVE_EVERY = 4  # learning curves are measured on every fourth held-out sequence
INSTRUCTIONS, HELD_OUT_INSTRUCTIONS = 8000, 800
FIRST_WEIGHTS = 20  # seed
PROMPTS = ("Honeybees tell their", "A glacier is", "The old man said that", "Please define this word: river\n")


@dataclass(frozen=True)
class Base:
    """Shape and recipe of a model trained from scratch."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    recipe: Recipe


BASES = {
    "tiny-0.1m": Base(48, 4, 4, 128, Recipe(steps=2500, batch=8, rate=6e-3, seed=1)),
    "small-0.4m": Base(96, 4, 4, 256, Recipe(steps=2500, batch=8, rate=4e-3, seed=1)),
    "medium-1.1m": Base(128, 6, 4, 320, Recipe(steps=4400, batch=8, rate=3e-3, seed=1)),
    "large-3m": Base(192, 8, 6, 384, Recipe(steps=5400, batch=8, rate=2e-3, seed=1)),
}
# The twin differs in learning rate and order of data.
TUNED = {
    "large-3m-instruct": ("large-3m", Recipe(steps=500, batch=16, rate=3e-4, seed=2)),
    "medium-1.1m-instruct": ("medium-1.1m", Recipe(steps=500, batch=16, rate=3e-4, seed=2)),
    "medium-1.1m-instruct-twin": ("medium-1.1m", Recipe(steps=500, batch=16, rate=2.7e-4, seed=3)),
}
# Longest first, so that two workers end at about the same time.
ORDER = ("large-3m", "medium-1.1m", "small-0.4m", "tiny-0.1m")


def main(
    *,
    work: Out = Path(".cache/training"),
    models: Out = Path("resources/models"),
    sentences: In = Path("resources/demo/sentences.tsv"),
) -> None:
    """
    work : packages, text and checkpoints
    models : where the models go
    sentences : of the demo, which the models are shown on
    """
    out = models
    held_out, trigram, sources = prepare(work)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), initializer=end_with_parent) as pool:
        jobs = [pool.submit(train_and_tune, name, work, place) for place, name in enumerate(ORDER)]
        curves: dict[str, list[Point]] = {}
        for job in jobs:
            curves |= job.result()
    names = [*BASES, *TUNED]
    rows = [{"model": n, "step": p.step, "tokens": p.tokens, "held_out": p.loss} for n in names for p in curves[n]]
    write_csv(out / "training.csv", pd.DataFrame(rows))
    cards = [describe(name, work, out, curves[name], held_out, trigram, sources, sentences) for name in names]
    write_csv(
        out / "evaluation.csv",
        pd.DataFrame(
            {
                "model": card.name,
                "base": card.base or "",
                "body_parameters": card.body_parameters,
                "parameters": card.parameters,
                "tokens": card.curve[-1].tokens,
                "held_out": card.held_out,
                "trigram": card.trigram,
                "instruction_accuracy": card.accuracy,
                "previous_word": card.head.attention,
                "layer": card.head.layer,
                "head": card.head.head,
            }
            for card in cards
        ),
    )
    notices = [f"{s.package} {s.version}\n\n{copyright_file(s, work / 'packages')}" for s in SOURCES]
    with replacing(out / "LICENCES.txt") as temporary:
        temporary.write_text(f"\n{'=' * 80}\n".join(notices), encoding="utf-8")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    log.info("%s: %d models, %.1f MB", out, len(names), size / 1e6)


def end_with_parent() -> None:
    """Run in each worker: it ends when the script does, however that ends."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a worker

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)  # checkpoints appear whole or not at all

    threading.Thread(target=watch, daemon=True).start()


def prepare(work: Path) -> tuple[Batch, float, list[tuple[Source, int]]]:
    """Text and tokenizer into the work folder; the held-out sequences, the trigram's loss on them, the sources."""
    log.info("reading the text and training the tokenizer")
    training: list[str] = []
    held_out: list[str] = []
    sources = []
    for source in SOURCES:
        kept, left = split_documents(list(source.read(fetch(source, work / "packages"))))
        training, held_out = training + kept, held_out + left
        sources.append((source, len(kept)))
    tokenizer = train_tokenizer(training)
    tokenizer.save_pretrained(work / "tokenizer")
    train_stream, held_stream = stream(tokenizer, training), stream(tokenizer, held_out)
    with replacing(work / "text.npz") as temporary:
        np.savez(temporary, train=train_stream, held_out=held_stream)
    measured = windows(held_stream, LENGTH)
    half, count = LENGTH // 2, int((measured[1] != IGNORED).sum())
    # The trigram predicts the same tokens; its first is the third of the stream.
    trigram = float(Trigram(train_stream, VOCABULARY).nats(held_stream)[half - 2 :][:count].mean())
    characters = sum(map(len, training))
    log.info("%.1f million characters, %.2f million tokens; held out: %d tokens; trigram %.3f nats per token",
             characters / 1e6, len(train_stream) / 1e6, len(held_stream), trigram)  # fmt: skip
    return measured, trigram, sources


def instructions(work: Path, *, held_out: bool) -> list[Item]:
    documents = paragraphs(fetch(SOURCES[0], work / "packages"))
    number, seed = (HELD_OUT_INSTRUCTIONS, 5) if held_out else (INSTRUCTIONS, 4)
    return items(suitable(documents, held_out=held_out), number, seed, held_out=held_out)


def train_and_tune(name: str, work: Path, place: int) -> dict[str, list[Point]]:
    """One base model and what is tuned from it: learning curves; the models are in their last checkpoints."""
    torch.set_num_threads(1)
    text = np.load(work / "text.npz")
    sequences, held_out = packed(text["train"], LENGTH), packed(text["held_out"], LENGTH)[::CURVE_EVERY]
    model, recipe = untrained(name), BASES[name].recipe
    batch_of = batches_of(sequences, sequences, recipe)
    curves = {name: train(model, batch_of, (held_out, held_out), recipe, checkpoint(work, name), place=place)}
    for tuned, (base, recipe) in TUNED.items():
        if base == name:
            model = trained(base, work)
            batch_of, answers = tuning_data(work, recipe)
            curves[tuned] = train(model, batch_of, answers, recipe, checkpoint(work, tuned), place=place)
    return curves


def tuning_data(work: Path, recipe: Recipe) -> tuple[Callable[[int], Batch], Batch]:
    tokenizer = load_tokenizer(work / "tokenizer")
    seen, held_out = (
        pad_right([instruction_row(tokenizer, item) for item in instructions(work, held_out=part)], LENGTH, START)
        for part in (False, True)
    )
    return batches_of(*seen, recipe), held_out


def untrained(name: str) -> LlamaForCausalLM:
    base = BASES[TUNED[name][0] if name in TUNED else name]
    return make_model(
        hidden=base.hidden, layers=base.layers, heads=base.heads, intermediate=base.intermediate,
        vocabulary=VOCABULARY, seed=FIRST_WEIGHTS,
    )  # fmt: skip


def trained(name: str, work: Path) -> LlamaForCausalLM:
    model = untrained(name)
    model.load_state_dict(torch.load(checkpoint(work, name), weights_only=True)["model"])
    return model


def checkpoint(work: Path, name: str) -> Path:
    return work / "checkpoints" / f"{name}.pt"


def describe(
    name: str,
    work: Path,
    out: Path,
    curve: list[Point],
    held_out: Batch,
    trigram: float,
    sources: list[tuple[Source, int]],
    demo: Path,
) -> Card:
    """Save a model in float16, measure what was saved, and write its card."""
    log.info("measuring %s", name)
    save_float16(trained(name, work), out / name)
    tokenizer = load_tokenizer(work / "tokenizer")
    tokenizer.save_pretrained(out / name)
    model = LlamaForCausalLM.from_pretrained(out / name, dtype=torch.float32)
    base = TUNED[name][0] if name in TUNED else None
    shape = BASES[base or name]
    parameters = model.num_parameters()
    texts = continuations(model, tokenizer, PROMPTS, tokens=40, seed=1)
    card = Card(
        name=name,
        base=base,
        shape=f"{shape.layers} layers of {shape.heads} heads, hidden size {shape.hidden}",
        parameters=parameters,
        body_parameters=parameters - VOCABULARY * shape.hidden,
        recipe=TUNED[name][1] if base else shape.recipe,
        initial_seed=None if base else FIRST_WEIGHTS,
        curve=curve,
        held_out=mean_nats(model, held_out),
        trigram=trigram,
        accuracy=accuracy(model, tokenizer, instructions(work, held_out=True)),
        head=previous_word_head(out / name, read_sentences(demo), shape.layers),
        samples=[(prompt.strip(), text) for prompt, text in zip(PROMPTS, texts, strict=True)],
        sources=sources,
    )
    with replacing(out / name / "README.md") as temporary:
        temporary.write_text(render(card), encoding="utf-8")
    return card


if __name__ == "__main__":
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers has no types
    run(main)
