"""What the configuration asks of a model about a task: all prompts, their answers as a table, and where they look."""

import json
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from readalike.attention.extract import limits_of_positions
from readalike.attention.words import require_offsets
from readalike.corpus import FloatArray
from readalike.errors import UnsupportedModelError
from readalike.files.context_attention import ContextAttention
from readalike.files.contracts.incontext_models import ANSWERS
from readalike.incontext.answers import Answers, ask, longest_prompt
from readalike.incontext.context_attention import counts
from readalike.incontext.encoding import encode, sharing_first_tokens
from readalike.incontext.prompts import (
    CONTENT_FREE,
    GROUPS,
    IRRELEVANT,
    TEMPLATES,
    ZERO_SHOT,
    Demonstration,
    draw_set,
    prompt,
    shown,
)
from readalike.incontext.task import Example, Task, split
from readalike.incontext.through_layers import Asked
from readalike.weights.description import read_config, read_tokenizer
from readalike.weights.tensors import Checkpoint

log = logging.getLogger("readalike")


class Settings(TypedDict):
    """incontext.models of the configuration, without the names of files.

    items : asked about, of all labels together; demonstrations : in a prompt; sets : of demonstrations
    templates : how many of `TEMPLATES`; noises, rates : of `NOISES`, and shares from 0 to 1
    """

    items: int
    demonstrations: int
    sets: int
    templates: int
    noises: list[str]
    rates: list[float]


class Cell(NamedTuple):
    """What all prompts of a condition have in common."""

    noise: str
    rate: float
    template: int
    set: int


class Prompts(NamedTuple):
    """All prompts: of each cell those of the items that are asked about, and behind them the content-free ones."""

    cells: list[Cell]
    queries: list[Example]
    asked: list[Asked]
    demonstrations: int

    @property
    def each(self) -> int:
        """Prompts of a cell."""
        return len(self.queries) + len(CONTENT_FREE)


def cells_of(settings: Settings) -> list[Cell]:
    """Every kind and rate of noise with every template and set, and every template without demonstrations."""
    templates = range(settings["templates"])
    return [
        *(
            Cell(noise, float(rate), template, number)
            for noise in settings["noises"]
            for rate in sorted(settings["rates"])
            for template in templates
            for number in range(settings["sets"])
        ),
        *(Cell(ZERO_SHOT, 0.0, template, 0) for template in templates),
    ]


def prompts_of(
    tokenizer: Any,
    task: Task,
    irrelevant: Sequence[str],
    settings: Settings,
    *,
    start_token: bool | None,
    seed: int,
    model_name: str,
) -> Prompts:
    """All prompts in tokens; labels that share their first token are named in the log."""
    parts = split(task, items=settings["items"], demonstrations=settings["demonstrations"], seed=seed)
    needed = irrelevant if IRRELEVANT in settings["noises"] else ()
    sets = [
        draw_set(task, parts, demonstrations=settings["demonstrations"], irrelevant=needed, seed=seed, number=number)
        for number in range(settings["sets"])
    ]
    cells, asked = cells_of(settings), []
    for condition, cell in enumerate(cells):
        demonstrations: list[Demonstration] = []
        if cell.noise != ZERO_SHOT:
            demonstrations = shown(sets[cell.set], cell.noise, cell.rate)
        for query in (*(example.text for example in parts.asked), *CONTENT_FREE):
            pieces = prompt(TEMPLATES[cell.template], task.labels, demonstrations, query)
            asked.append(Asked(condition, encode(tokenizer, pieces, task.labels, start_token, model_name)))
    for same in sharing_first_tokens(task.labels, asked[0].encoded.labels):
        log.warning("%s: its tokens of the labels %s begin alike; labels are scored whole", model_name, ", ".join(same))
    return Prompts(cells, list(parts.asked), asked, settings["demonstrations"])


def fitting_prompts(
    limits: dict[str, int],
    tokenizer: Any,
    task: Task,
    irrelevant: Sequence[str],
    settings: Settings,
    *,
    start_token: bool | None,
    seed: int,
    model_name: str,
) -> Prompts:
    """`prompts_of`, where the model has positions for them.

    Raises UnsupportedModelError with the most demonstrations for which it has.
    """

    def of(demonstrations: int) -> Prompts:
        own: Settings = {**settings, "demonstrations": demonstrations}
        return prompts_of(tokenizer, task, irrelevant, own, start_token=start_token, seed=seed, model_name=model_name)

    found = of(settings["demonstrations"])
    limit = min(limits.values(), default=None)
    longest = longest_prompt(found.asked)
    if limit is None or longest <= limit:
        return found
    each = len(task.labels)
    fewer = range(settings["demonstrations"] - each, 0, -each)
    fits = next((k for k in fewer if longest_prompt(of(k).asked) <= limit), 0)
    raise UnsupportedModelError(
        f"{model_name}, task {task.name}: a prompt of {settings['demonstrations']} demonstrations has {longest} "
        f"tokens, the model {limit} positions; "
        + (f"{fits} demonstrations fit: set incontext.models.demonstrations" if fits else "not even one a label fits")
    )


def ask_task(
    checkpoint: Checkpoint,
    task: Task,
    irrelevant: Sequence[str],
    settings: Settings,
    *,
    model_name: str,
    blocks: Sequence[tuple[int, int]],
    dtype: str,
    token_budget: int,
    threads: int,
    seed: int,
    start_token: bool | None = None,
    share_demonstrations: bool = True,
    device: str | None = None,
) -> tuple[pd.DataFrame, ContextAttention]:
    """Answers of a model to a task, and where its prompts look; arguments and errors as of `answers.ask`."""
    tokenizer = read_tokenizer(checkpoint)
    require_offsets(tokenizer, model_name)
    prompts = fitting_prompts(
        limits_of_positions(read_config(checkpoint)), tokenizer, task, irrelevant, settings,
        start_token=start_token, seed=seed, model_name=model_name,
    )  # fmt: skip
    found = ask(
        checkpoint,
        prompts.asked,
        model_name=model_name,
        blocks=blocks,
        dtype=dtype,
        token_budget=token_budget,
        threads=threads,
        share_demonstrations=share_demonstrations,
        device=device,
    )
    table = table_of(prompts, task.labels, found.log_probabilities).assign(model=model_name, task=task.name)
    return table[ANSWERS.names], _attention_of(prompts, found, model_name, task.name)


def log_priors(log_probabilities: FloatArray) -> FloatArray:
    """(labels,) log of each label's mean probability among the labels, over contents that say nothing, (contents,
    labels)."""
    among = np.exp(log_probabilities - np.logaddexp.reduce(log_probabilities, axis=1, keepdims=True))
    logarithms: FloatArray = np.log(among.mean(axis=0))
    return logarithms


def margin(scores: FloatArray, right: int) -> float:
    """By how much the right label's score is above the highest of the others."""
    return float(scores[right] - np.delete(scores, right).max())


def table_of(prompts: Prompts, labels: Sequence[str], log_probabilities: FloatArray) -> pd.DataFrame:
    """Rows of `ANSWERS` without model and task; log_probabilities : (prompts, labels)."""
    rows = []
    for number, cell in enumerate(prompts.cells):
        own = log_probabilities[number * prompts.each : (number + 1) * prompts.each]
        priors = log_priors(own[len(prompts.queries) :])
        for example, scores in zip(prompts.queries, own, strict=False):
            right = labels.index(example.label)
            calibrated = scores - priors
            rows.append(
                {
                    **cell._asdict(),
                    "item": example.item,
                    "demonstrations": 0 if cell.noise == ZERO_SHOT else prompts.demonstrations,
                    "label": example.label,
                    "answer": labels[int(scores.argmax())],
                    "margin": margin(scores, right),
                    "calibrated_answer": labels[int(calibrated.argmax())],
                    "calibrated_margin": margin(calibrated, right),
                    "log_probability": scores[right],
                    "log_probabilities": json.dumps(dict(zip(labels, scores.tolist(), strict=True))),
                    "log_priors": json.dumps(dict(zip(labels, priors.tolist(), strict=True))),
                }
            )
    return pd.DataFrame(rows)


def _attention_of(prompts: Prompts, found: Answers, model: str, task: str) -> ContextAttention:
    kept = [k for k in range(len(prompts.asked)) if k % prompts.each < len(prompts.queries)]
    cells = [prompts.cells[k // prompts.each] for k in kept]
    return ContextAttention(
        model,
        task,
        found.parameters,
        GROUPS,
        tuple(cell.noise for cell in cells),
        np.array([cell.rate for cell in cells]),
        np.array([cell.template for cell in cells], dtype=np.int64),
        np.array([cell.set for cell in cells], dtype=np.int64),
        np.array([prompts.queries[k % prompts.each].item for k in kept], dtype=np.int64),
        np.array([counts(prompts.asked[k].encoded.groups) for k in kept], dtype=np.int64),
        found.attention[kept],
    )
