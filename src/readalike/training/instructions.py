"""Instructions templated from WordNet: paraphrase, complete, define, answer; and four options to choose from.

An item is a prompt, one line, and an answer, the next. Neither the meaning nor the wording of a held-out item is
trained on. A model follows an instruction where the right one of four options has the lowest loss per token, so that
base and tuned models are measured alike: the others have the right form with the content of another item, the right
content in another form, and neither.
"""

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from readalike.training.text import Synset, as_sentence, definition, is_held_out, meaning, named

# The last wording of each task is held out.
WORDINGS = {
    "paraphrase": (
        "Please paraphrase this sentence: {}",
        "Say this in another way: {}",
        "Put this sentence into other words: {}",
        "Please rephrase the sentence: {}",
    ),
    "complete": (
        "Please complete this sentence: {}",
        "How does this sentence go on? {}",
        "Finish the sentence: {}",
        "Write the rest of this sentence: {}",
    ),
    "define": (
        "Please define this word: {}",
        "What is the meaning of the word {}?",
        "Define {}.",
        "Please tell me what the word {} means.",
    ),
    "answer": (
        "Please answer this question: {}",
        "Read this and answer. {}",
        "{} Give a short answer.",
        "Here is a question. {}",
    ),
}
# Short enough for a sequence of 128 tokens with the wording around it.
GLOSS_WORDS = range(4, 16)
EXAMPLE_WORDS = range(6, 20)


class Item(NamedTuple):
    """One instruction; `options` has the answer first, and is empty in training."""

    task: str
    prompt: str
    answer: str
    options: tuple[str, ...]


def suitable(documents: Iterable[tuple[str, list[Synset]]], *, held_out: bool) -> list[Synset]:
    """Meanings with an example, neither too short nor too long, out of held-out documents or out of the others."""
    return [
        s
        for document, synsets in documents
        if is_held_out(document) == held_out
        for s in synsets
        if s.examples and len(s.gloss.split()) in GLOSS_WORDS and len(s.examples[0].split()) in EXAMPLE_WORDS
    ]


def items(synsets: Sequence[Synset], number: int, seed: int, *, held_out: bool) -> list[Item]:
    """`number` items, the tasks in turn, no meaning twice in one task; wordings and others' content drawn by `seed`."""
    draw = random.Random(seed)
    result = []
    tasks = list(WORDINGS)
    rows = {task: draw.sample(range(len(synsets)), min(len(synsets), -(-number // len(tasks)))) for task in tasks}
    for k in range(number):
        task = tasks[k % len(tasks)]
        if k // len(tasks) >= len(rows[task]):
            break
        own = synsets[rows[task][k // len(tasks)]]
        wordings = WORDINGS[task][-1:] if held_out else WORDINGS[task][:-1]
        slot, answer = _forms(own)[task]
        options: tuple[str, ...] = ()
        if held_out:
            other = draw.choice([s for s in synsets if s.words[0] != own.words[0]])
            form = draw.choice([t for t in tasks if t != task])
            options = (answer, _forms(other)[task][1], _forms(own)[form][1], _forms(other)[form][1])
        result.append(Item(task, draw.choice(wordings).format(slot), answer, options))
    return result


def _forms(synset: Synset) -> dict[str, tuple[str, str]]:
    """What stands in the prompt, and the answer, by task."""
    words = as_sentence(synset.examples[0]).split()
    half = len(words) // 2
    sentence, called = definition(synset), as_sentence(named(synset))
    question = f"{sentence} What is the word for {meaning(synset)}?"
    return {
        "paraphrase": (sentence, as_sentence(f"{meaning(synset)} is called {named(synset)}")),
        "complete": (" ".join(words[:half]), " ".join(words[half:])),
        "define": (synset.words[0], sentence),
        "answer": (question, called),
    }
