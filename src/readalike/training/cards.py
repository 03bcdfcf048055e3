"""Model cards: what a reader should know of a bundled model, written by the script that trained it."""

from collections.abc import Sequence
from dataclasses import dataclass

from readalike.training.evaluate import Head
from readalike.training.loop import Point, Recipe
from readalike.training.text import Source


@dataclass(frozen=True)
class Card:
    """All that a card says; `curve` is of held-out text for a base model, of held-out answers for a tuned one."""

    name: str
    base: str | None
    shape: str
    parameters: int
    body_parameters: int
    recipe: Recipe
    initial_seed: int | None
    curve: Sequence[Point]
    held_out: float
    trigram: float
    accuracy: float
    head: Head
    samples: Sequence[tuple[str, str]]
    sources: Sequence[tuple[Source, int]]  # with the number of documents trained on


def render(card: Card) -> str:
    tuned = card.base is not None
    what = (
        f"`{card.base}` tuned on instructions (paraphrase, complete, define, answer) templated from WordNet"
        if tuned
        else "A base model trained from scratch"
    )
    seeds = f"order of data {card.recipe.seed}" + ("" if tuned else f", first weights {card.initial_seed}")
    curve = [f"| {p.step} | {p.tokens:,} | {p.loss:.3f} |" for p in card.curve]
    samples = [f"> {prompt} **{text.replace('*', ' ')}**\n" for prompt, text in card.samples]
    sources = [
        f"| `{s.package}` {s.version} | `{s.file}` | {n:,} | {s.licence} | `{s.sha256}` |" for s, n in card.sources
    ]
    measured = "answers of held-out instructions" if tuned else "every fourth sequence of held-out text"
    return "\n".join(
        [
            f"# {card.name}",
            "",
            f"{what}, for the demo of this project. It is far too small to be of use for anything else: what it writes "
            "is neither true nor sensible, and may be offensive, as old dictionaries can be.",
            "Written by `scripts/project/train_bundled_models.py` (`make train-models`).",
            "",
            "| | |",
            "|---|---|",
            f"| architecture | LLaMA (`LlamaForCausalLM`), {card.shape}, tied embeddings; saved as float16 |",
            f"| parameters | {card.parameters:,}, of which {card.body_parameters:,} outside the embedding |",
            "| tokenizer | byte-level BPE, 4,096 tokens, shared; `<s>` stands first in every text, `</s>` ends an "
            "answer |",
            f"| tokens learned from | {card.curve[-1].tokens:,} of {'answers' if tuned else 'text'}, "
            f"in {card.recipe.steps:,} steps of {card.recipe.batch} sequences |",
            f"| AdamW | learning rate {card.recipe.rate:g}, constant, then linear decay; weight decay 0.1 |",
            f"| seeds | {seeds} |",
            f"| held-out text | {card.held_out:.3f} nats per token (interpolated Kneser-Ney trigram: "
            f"{card.trigram:.3f}) |",
            f"| held-out instructions | {card.accuracy:.1f} percent followed (of four options; chance is 25) |",
            f"| previous word | layer {card.head.layer}, head {card.head.head} gives it {card.head.attention:.2f} of "
            "its attention (demo sentences) |",
            "",
            "## Learning curve",
            f"Nats per token on {measured}.",
            "",
            "| step | tokens | held out |",
            "|---|---|---|",
            *curve,
            "",
            "## Samples",
            "Temperature 0.7, the 40 likeliest tokens; the model's part is bold.",
            "",
            *samples,
            "## Text and licences",
            "Packages of Debian 12, pinned. One document in 50 is held out, by its hash; no text is part of this "
            "repository. The packages' copyright files are in `../LICENCES.txt`.",
            "",
            "| package | read | documents trained on | licence | SHA-256 of the package |",
            "|---|---|---|---|---|",
            *sources,
            "",
        ]
    )
