"""What a configuration names and what is not there, or is of no use: found before any job runs."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from readalike.corpus import Corpus, read_lengths, read_sentences
from readalike.errors import ConfigurationError, CorpusError, FileFormatError
from readalike.experiment import weights
from readalike.experiment.experiment import Entry, Experiment
from readalike.experiment.readers import events_files, folders, has_events
from readalike.incontext.prompts import IRRELEVANT
from readalike.incontext.task import read_irrelevant, read_task, split
from readalike.weights import revisions
from readalike.weights.files import weight_files


def require_sources(experiment: Experiment, attention: dict[str, Sequence[str]]) -> None:
    """Raise ConfigurationError for the first source that is not there.

    In an archive a source may be missing where what was made of it is kept.

    attention : model -> its attention files on every corpus
    """
    for problem, made in _missing(experiment, attention):
        kept = experiment.config["archived"] and all(Path(file).exists() for file in made)
        if not kept:
            raise ConfigurationError(problem)


def _missing(experiment: Experiment, attention: dict[str, Sequence[str]]) -> Iterator[tuple[str, Sequence[str]]]:
    """What is wrong with a source, and what is made of it."""
    for name, corpus in experiment.corpora.items():
        for problem in (*_without_events(experiment, corpus), *_wrong_corpus(experiment, name, corpus)):
            yield problem, [f"{experiment.results}/corpus/{name}/words.tsv"]
    for name in experiment.saccade_groups:
        saccades, made = experiment.groups[name]["saccades"], [f"{experiment.results}/gaze/{name}.h5"]
        for problem in _without_events(experiment, saccades):
            yield problem, made
        if "path" in saccades and not Path(experiment.located(saccades["path"])).is_file():
            path = experiment.located(saccades["path"])
            yield f"groups.{name}.saccades.path: no file {path}; correct path: or put the table there", made
    for problem, task in _wrong_tasks(experiment):
        answers = f"{experiment.results}/incontext/models/{{}}/{task}/answers.csv"
        yield problem, [answers.format(model) for model in experiment.extracted]
    for model in experiment.extracted:
        for place, source in revisions.sources(experiment.models[model]["weights"]):
            for problem in _without_weights(experiment, model, place, source):
                yield problem, attention[model]


def _wrong_corpus(experiment: Experiment, name: str, source: Entry) -> Iterator[str]:
    """What keeps a corpus from use. One rebuilt from events is known once it is made, but for its articles."""
    articles, corpus = None, None
    if "events" in source:
        articles = _articles_of_events(experiment, source)
    elif not source.get("lengths", "").endswith(".pkl"):  # those are read by their job alone
        (kind, path), *_ = source.items()
        file = Path(experiment.located(path))
        if file.resolve().is_relative_to(Path(experiment.results, "corpus", name).resolve()):
            yield (
                f"corpora.{name}.{kind}: {file} is what the workflow makes of this corpus and removes before making it "
                "again; copy it elsewhere, and name the copy"
            )
            return
        try:
            corpus = (read_sentences if kind == "sentences" else read_lengths)(file)
        except CorpusError as error:
            yield f"corpora.{name}.{kind}: {error}"
            return
        articles = len(set(corpus.articles.tolist()))
    if articles == 1 and any(experiment.corpus_of(group) == name for group in experiment.groups):
        yield (
            f"corpora.{name}: one article only; every score is of an article that was left out while the rest was "
            "fitted, so give two or more (a part of a text may be an article)"
        )
    if corpus is not None:
        yield from _no_such_sentence(experiment, name, corpus)


def _articles_of_events(experiment: Experiment, source: Entry) -> int | None:
    """Articles in event files, where they are few enough to look into: one a reader; None elsewhere."""
    data_sets = map(experiment.located, folders(source.get("events", [])))
    files = [Path(file) for folder in data_sets for file in events_files(folder)]
    if len({file.parent for file in files}) < len(files):
        return None
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())
    return len({article for text in texts for article in re.findall(r"\bt\.(\d+)\.\d+\b", text)}) or None


def _no_such_sentence(experiment: Experiment, name: str, corpus: Corpus) -> Iterator[str]:
    shown = experiment.config["figures"].get("sentence")
    if shown is not None and name in experiment.read_corpora:
        try:
            corpus.index(*map(int, shown.split()))
        except CorpusError as error:
            yield f"figures.sentence: {shown!r}: {error} (corpora.{name}); name one that every corpus with readers has"


def _without_events(experiment: Experiment, entry: Entry) -> Iterator[str]:
    for folder in map(experiment.located, folders(entry.get("events", []))):
        if not has_events(folder):
            yield (
                f"{folder}: no events files (sub-*/func/*_events.tsv); correct events: in the configuration or put the "
                "data there"
            )


def _wrong_tasks(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What keeps tasks of in-context learning from being asked, and the task; files of texts are read whole."""
    asking = experiment.config.get("incontext", {}).get("models", {})
    k = asking.get("demonstrations", 0)
    for name, path in asking.get("tasks", {}).items():
        try:
            task = read_task(Path(experiment.located(path)), name)
            split(task, items=asking["items"], demonstrations=k, seed=experiment.config["seed"])
        except CorpusError as error:
            yield f"incontext.models.tasks.{name}: {error}", name
            continue
        if IRRELEVANT in asking["noises"]:
            try:
                texts = read_irrelevant(Path(experiment.located(asking["irrelevant"])))
            except CorpusError as error:
                yield f"incontext.models.irrelevant: {error}", name
                continue
            if len(texts) < k:
                yield f"incontext.models.irrelevant: {len(texts)} texts for {k} demonstrations; add some", name


def _without_weights(experiment: Experiment, model: str, place: str, source: Entry) -> Iterator[str]:
    if "folder" in source:
        try:
            weight_files(Path(weights.weights_folder(experiment, model, place)))
        except FileFormatError as error:
            yield f"models.{model}.{place}.folder: {error}"
            return
        yield from _too_long_prefixes(experiment, model, place)
    elif "gguf" in source and "wheel" not in source:
        file = weights.gguf_file(experiment, source)
        if not Path(file).is_file():
            yield f"models.{model}.weights.gguf: no file {file}; correct the path or put the file there"


def _too_long_prefixes(experiment: Experiment, model: str, place: str) -> Iterator[str]:
    """Prefixes that leave no room for a sentence, where the folder tells positions and tokens.

    Extraction looks at each text in tokens; here only prefixes are, and only those that can be too long.
    """
    folder = Path(weights.weights_folder(experiment, model, place))
    positions, tokenizer = weights.positions_of(folder), folder / "tokenizer.json"
    if positions is None or not tokenizer.is_file():
        return
    for condition, prefix in experiment.config["conditions"].items():
        # A token is a byte or more.
        if len(prefix.encode()) > positions and (tokens := weights.tokens_of(tokenizer, prefix)) >= positions:
            yield (
                f"conditions.{condition}: {tokens} tokens of {model}, which has {positions} positions for prefix and "
                "sentence; shorten it, or use another model"
            )
