"""Which files a configuration asks for: a path with wildcards, filled with all that belongs together."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from readalike.experiment.experiment import Experiment

Row = Mapping[str, str]
Allowed = Callable[[str, str], bool]


def every(experiment: Experiment, pattern: str, **only: str | Collection[str]) -> list[str]:
    """All paths that a pattern stands for, in the order of the configuration.

    pattern : a path with some of the wildcards
        {corpus}; {model}, on a corpus or compared with a group those that have attention there; {group}; {high} and
        {low}, a contrast; {comparison}, {a} and {b}, a compared pair on a corpus with text; {first} and {last}, a
        block, and {condition}, the folder of one; sorted, since their order in the configuration is that of no file
    only : wildcard -> the value or values that it may have. A corpus may be named where the pattern has groups alone

    every(experiment, "<results>/loss/{corpus}/{model}.csv", model="gpt2") gives one path a corpus.
    """
    names = set(re.findall(r"\{(\w+)\}", pattern))
    wanted = {name: {value} if isinstance(value, str) else set(value) for name, value in only.items()}

    def allowed(name: str, value: str) -> bool:
        return name not in wanted or value in wanted[name]

    return list(dict.fromkeys(pattern.format(**row) for row in _rows(experiment, names, allowed)))


def _rows(experiment: Experiment, names: set[str], allowed: Allowed) -> Iterator[Row]:
    """Values of the wildcards that belong together; models come before groups, corpora before models."""
    models = [name for name in experiment.models if allowed("model", name)] if "model" in names else [""]
    corpora = [name for name in experiment.corpora if allowed("corpus", name)]
    if {"a", "b"} <= names:
        for corpus in (name for name in corpora if name in experiment.with_text):
            for comparison in (name for name in ("scaling", "tuning", "reference") if allowed("comparison", name)):
                for a, b in experiment.compared(comparison):
                    if allowed("a", a) and allowed("b", b):
                        yield {"corpus": corpus, "comparison": comparison, "a": a, "b": b}
    elif {"high", "low"} <= names:
        for model in models:
            for high, low in experiment.contrasts:
                if allowed("high", high) and allowed("low", low) and _compared(experiment, model, high, corpora):
                    yield {"model": model, "high": high, "low": low}
    elif "group" in names:
        for model in models:
            for group in experiment.groups:
                if allowed("group", group) and _compared(experiment, model, group, corpora):
                    yield {"model": model, "group": group}
    elif "corpus" in names:
        for corpus in corpora:
            for model in (name for name in models if name in ("", *experiment.models_on(corpus))):
                conditions = sorted(experiment.conditions_of(model)) if "condition" in names else [""]
                for condition in (name for name in conditions if allowed("condition", name)):
                    for first, last in experiment.blocks(model) if "first" in names else [(0, 0)]:
                        if allowed("first", str(first)) and allowed("last", str(last)):
                            block = {"first": str(first), "last": str(last)}
                            folder = experiment.folder_of(model, condition)
                            yield {"corpus": corpus, "model": model, "condition": folder, **block}
    else:
        yield from ({"model": model} for model in models)


def _compared(experiment: Experiment, model: str, group: str, corpora: Collection[str]) -> bool:
    """Whether a group read one of the corpora, and a model (if any) is compared with it."""
    return experiment.corpus_of(group) in corpora and model in ("", *experiment.models_of(group))
