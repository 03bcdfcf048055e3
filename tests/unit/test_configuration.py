"""A wrong configuration gets messages that name the field; a right one gets its defaults."""

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from readalike import jobs
from readalike.configuration import blocks, check, number_of_layers
from readalike.errors import ConfigurationError, FileFormatError
from readalike.strict_yaml import read_strict
from readalike.weights.revisions import Revision

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))
DEMO: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
# A model from a package has the most keys.
SMOLLM2 = "smollm2-135m-instruct"
READING_BRAIN = yaml.safe_load((ROOT / "config" / "reading-brain.yaml").read_text(encoding="utf-8"))
DEMO |= {"models": {SMOLLM2: READING_BRAIN["models"][SMOLLM2]}, "comparisons": {}, "scaling_law": []}


def changed(path: str, value: Any) -> dict[str, Any]:
    config = copy.deepcopy(DEMO)
    *parents, last = path.split("/")
    place = config
    for name in parents:
        place = place[name]
    place[last] = value
    return config


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("config/*.yaml")), ROOT / "config.yaml"], ids=lambda p: p.name)
def test_every_shipped_configuration_is_right(path: Path) -> None:
    check(read_strict(path), SCHEMA)


def test_anchors_may_be_merged_and_readers_may_be_numbers(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a: &x {p: 1, 31: why}\nb: {<<: *x, p: 2}\n", encoding="utf-8")
    assert read_strict(path)["b"] == {"p": 2, 31: "why"}
    group = {"corpus": "demo", "regions": {"a": {"layout": "gao2023", "path": "x", "exclude": {"score": {31: "why"}}}}}
    config = changed("groups/L3", group)
    assert check(config, SCHEMA)["groups"]["L3"]["regions"]["a"]["exclude"]["score"] == {"31": "why"}


def test_defaults_are_filled_in_and_the_given_stays() -> None:
    full = check(changed("token_budget", 64), SCHEMA)
    assert full["token_budget"] == 64
    assert full["equivalence"] == 1
    assert all(model["layers_per_job"] == "all" for model in full["models"].values())


MODEL = f"models/{SMOLLM2}"
SIMULATE = DEMO["groups"]["L1"]["saccades"]["simulate"]
COLUMNS = {"reader": "who", "sentence": "s", "word": "w", "duration": "ms"}
FIXATIONS = {"layout": "fixations", "path": "x.csv", "columns": COLUMNS}
ASKING = {"tasks": {"t": "t.tsv"}, "items": 4, "demonstrations": 4, "sets": 2, "templates": 1}
ASKING |= {"noises": ["labels"], "rates": [0, 1]}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("token_budgett", 5, "top level: unknown key 'token_budgett'; did you mean 'token_budget'?"),
        (f"{MODEL}/dtpye", "float32", "unknown key 'dtpye'; did you mean 'dtype'?"),
        ("seed", "one", "seed: expected integer, found 'one' (str)"),
        (f"{MODEL}/layers", 0, "models.smollm2-135m-instruct.layers: 0 is less than the minimum of 1"),
        (f"{MODEL}/dtype", "int8", "'int8' is none of float32, bfloat16, float16"),
        ("models/my model", {"weights": {"folder": "x"}}, "the name 'my model' may hold letters"),
        ("models/a--b", {"weights": {"folder": "x"}}, "the name 'a--b' may hold letters"),
        ("groups/a|b".replace("|", "\u2215"), DEMO["groups"]["L1"], "may hold letters"),
        ("conditions/plain", "hello", "conditions.plain"),
        ("corpora/demo", {"sentences": "a", "events": "b"}, "corpora.demo: give exactly one of"),
        ("corpora/demo", {"licence": "CC0"}, "corpora.demo: give exactly one of"),
        ("groups/L1/saccades", {}, "groups.L1.saccades: give exactly one of events or simulate"),
        ("groups/L1/saccades", FIXATIONS | {"words_from": 2}, "groups.L1.saccades.words_from: 2 is none of 0, 1"),
        ("groups/L1/saccades", FIXATIONS | {"means": {"layout": "gao2023"}}, "'means' does not go with layout + path"),
        ("groups/L1/saccades", FIXATIONS | {"events": "x"}, "groups.L1.saccades: give exactly one of events or"),
        ("groups/L1/saccades", {"events": "x", "simulate": SIMULATE}, "groups.L1.saccades: give exactly one of events"),
        ("groups/L1/saccades", {"events": "x", "words_from": 0}, "'words_from' does not go with events; remove it"),
        ("groups/L1/saccades", {"simulate": SIMULATE, "exclude": {"a": "b"}}, "'exclude' does not go with simulate"),
        (
            "groups/L1/saccades",
            {"layout": "fixations", "path": "x.csv"},
            "groups.L1.saccades: 'columns' is missing; layout + path + columns go together",
        ),
        (
            "groups/L1/saccades",
            {"columns": COLUMNS},
            "groups.L1.saccades: 'layout', 'path' is missing; layout + path + columns",
        ),
        ("groups/L1/corpus", "dmo", "groups.L1.corpus: no corpus 'dmo'; there are demo"),
        ("groups/L1", {"corpus": "demo"}, "groups.L1: give exactly one of saccades or regions"),
        (
            "corpora/demo",
            {"lengths": "x.tsv"},
            "groups.L1.corpus: demo is known by lengths only; saccades need one with text",
        ),
        (
            "groups/L2",
            {"corpus": "demo", "regions": {"a": {"layout": "gao2023", "path": "x.pkl"}}},
            "contrasts.0: L2 and L1 must both have saccades or both have regions",
        ),
        ("contrasts", [["L2", "L3"]], "contrasts.0: no group L3; there are L1, L2"),
        ("incontext", {"models": ASKING | {"rates": [0.5, 1]}}, "incontext.models.rates: 0 is not among them; add it"),
        (
            "incontext",
            {"models": ASKING | {"rates": [0, 0.3], "demonstrations": 4}},
            "incontext.models.rates: 0.3 of 4 demonstrations is no whole number of them",
        ),
        ("incontext", {"models": ASKING | {"sets": 1}}, "incontext.models.sets: 1 is less than the minimum of 2"),
        ("contrasts", [["L1", "L1"]], "contrasts.0"),
        ("comparisons", {"tuning": [["smollm2-135m-instruct", "x"]]}, "comparisons.tuning.0: no model x"),
        ("comparisons", {"reference": ["y", "x"]}, "comparisons.reference.0: no model y, x"),
        ("scaling_law", ["x"], "scaling_law: no model 'x'"),
        ("figures", {"model": "x"}, "figures.model: no model 'x'"),
        (f"{MODEL}/weights", {"hub": "gpt2"}, "weights.hub: 'gpt2' is not OWNER/NAME on the Hugging Face Hub"),
        (f"{MODEL}/weights", {"hub": "../x"}, "weights.hub: '../x' is not OWNER/NAME on the Hugging Face Hub"),
        (
            f"{MODEL}/weights",
            {"hub": "o/n", "folder": "x"},
            "weights: give exactly one of folder or hub or gguf or wheel + version + gguf + sha256",
        ),
        (f"{MODEL}/weights", {"folder": "x", "revision": "v1"}, "weights: 'revision' does not go with folder"),
        (
            f"{MODEL}/weights",
            {"gguf": "x", "delta": {"hub": "o/n"}},
            "weights: give exactly one of folder or hub; found",
        ),
        (f"{MODEL}/weights", {"hub": "o/n", "delta": {}}, "weights.delta: give exactly one of folder or hub"),
        (
            f"{MODEL}/weights",
            {"hub": "o/n", "delta": {"folder": "x", "missing_rows": "ones"}},
            "weights.delta.missing_rows: 'ones' is none of zeros, mean",
        ),
        (f"{MODEL}/trust_remote_code", "yes", "trust_remote_code: expected boolean, found 'yes'"),
        (
            "models/x",
            {"imported": {"layout": "gao2023", "path": "x"}, "start_token": True},
            "models.x: 'start_token' does not go with imported",
        ),
        (
            "models/x",
            {"imported": {"layout": "gao2023", "path": "x"}, "weights": {"folder": "x"}},
            "models.x: give exactly",
        ),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(changed(path, value), SCHEMA)
    assert said in str(caught.value)


def test_a_table_of_fixations_may_exclude_and_needs_four_columns() -> None:
    extra = {"exclude": {"01": "tired"}, "words_from": 0, "columns": {**COLUMNS, "order": "o", "article": "a"}}
    for saccades in (FIXATIONS, FIXATIONS | extra):
        assert check(changed("groups/L1/saccades", saccades), SCHEMA)["groups"]["L1"]["saccades"] == saccades
    for name in COLUMNS:
        columns = {key: column for key, column in COLUMNS.items() if key != name}
        with pytest.raises(ConfigurationError, match=rf"groups\.L1\.saccades\.columns: '{name}' is missing"):
            check(changed("groups/L1/saccades", FIXATIONS | {"columns": columns}), SCHEMA)


def test_a_name_with_a_slash_is_refused() -> None:
    config = copy.deepcopy(DEMO)
    config["models"]["meta/llama"] = {"weights": {"folder": "x"}}
    with pytest.raises(ConfigurationError, match="the name 'meta/llama' may hold"):
        check(config, SCHEMA)


def test_all_mistakes_are_named_at_once() -> None:
    config = changed("seed", "one")
    config["unknown"] = 1
    with pytest.raises(ConfigurationError) as caught:
        check(config, SCHEMA)
    assert "seed" in str(caught.value)
    assert "'unknown'" in str(caught.value)


def test_a_missing_section_is_named() -> None:
    config = copy.deepcopy(DEMO)
    del config["models"]
    with pytest.raises(ConfigurationError, match="'models' is missing"):
        check(config, SCHEMA)


def test_a_key_given_twice_is_refused_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("models:\n  a: {weights: {folder: x}}\n  a: {weights: {folder: y}}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 3: 'a' is given twice \(first in line 2\)"):
        read_strict(path)


def test_broken_yaml_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("models: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"bad\.yaml: not valid YAML"):
        read_strict(tmp_path / "bad.yaml")
    with pytest.raises(ConfigurationError, match="no such configuration file"):
        read_strict(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        # 7: what counts twice in a correction for many tests.
        ("contrasts", [["L2", "L1"], ["L2", "L1"]], "contrasts.1: L2 and L1 are there as contrasts.0 already"),
        ("contrasts", [["L2", "L1"], ["L1", "L2"]], "contrasts.1: L1 and L2 are there as contrasts.0 already"),
        (
            "comparisons/scaling",
            [["tiny-0.1m", "large-3m"]] * 2,
            "comparisons.scaling.1: tiny-0.1m and large-3m are there",
        ),
        (
            "comparisons/tuning",
            [["tiny-0.1m", "large-3m"]] * 2,
            "comparisons.tuning.1: tiny-0.1m and large-3m are there",
        ),
        ("scaling_law", ["tiny-0.1m"] * 2, "scaling_law: tiny-0.1m is given twice"),
        ("groups/L1/saccades", {"events": ["a", "b", "a"]}, "groups.L1.saccades"),
        # 9: names that a path or a program would take for something else.
        *(
            (f"{where}/{name}", value, f"the name {name!r} may hold")
            for where, value in (
                ("models", {"weights": {"folder": "x"}}),
                ("groups", DEMO["groups"]["L1"]),
                ("corpora", {"sentences": "x"}),
                ("conditions", "x"),
            )
            for name in (".", "..", "-x", ".hidden", "a\n", "a--b", "a b", "a{b}", "$(x)", "")
        ),
        ("models/" + "x" * 81, {"weights": {"folder": "x"}}, "is too long"),
        ("groups/L1-folds", DEMO["groups"]["L1"], "groups.L1-folds: names of groups do not end in -folds, -sums"),
        # 10: numbers that are none, and bounds.
        ("equivalence", float("nan"), "equivalence: expected a number between -1e30 and 1e30, found nan"),
        (f"{MODEL}/parameters", float("inf"), "parameters: expected a number between -1e30 and 1e30, found inf"),
        (f"{MODEL}/parameters", "1e99", "parameters: 1e99 is more than 1e+15"),
        (f"{MODEL}/parameters", 1e16, "parameters"),
        ("seed", 10**40, "seed: expected a number between -1e30 and 1e30, found one of some 41 digits"),
        ("seed", 10**5000, "found one of some 5001 digits"),
        ("seed", 10**20, "seed: 100000000000000000000 is greater than the maximum of 4294967295"),
        ("seed", True, "seed: expected integer, found True"),
        ("permutations", 100.0, "permutations: expected integer, found 100.0"),
        ("permutations", 10**9, "permutations: 1000000000 is greater than the maximum"),
        ("threads", 10**12, "threads: 1000000000000 is greater than the maximum of 1024"),
        # What YAML makes of text.
        ("seed", datetime.date(2024, 1, 1), "seed: YAML takes 2024-01-01 for a date"),
        ("seed", datetime.datetime(2024, 1, 1, 12), "seed: YAML takes 2024-01-01 12:00:00 for a date"),
        ("seed", b"1", "seed: expected text, a number, a list or entries, found bytes"),
        ("seed", {1}, "seed: expected text, a number, a list or entries, found set"),
        ("conditions/noise", "a\0b", "conditions.noise: holds the character '\\x00'"),
        ("conditions/noise", "a\ud800b", "conditions.noise: holds the character"),
        # What a shell, a package index or a file system would be told.
        (f"{MODEL}/weights/wheel", "x; touch y", "weights.wheel: 'x; touch y' is not the name of a package"),
        (f"{MODEL}/weights/wheel", "-r", "weights.wheel: '-r' is not the name of a package"),
        (f"{MODEL}/weights/wheel", "../x", "weights.wheel: '../x' is not the name of a package"),
        (f"{MODEL}/weights/wheel", ["a", "-r"], "weights.wheel.1: '-r' is not the name of a package"),
        (f"{MODEL}/weights/wheel", ["a", "a"], "weights.wheel: a is given twice"),
        (f"{MODEL}/weights/wheel", ["a", "b"], "weights.gguf: 1 files, but 2 under wheel; give one for each package"),
        (f"{MODEL}/weights/gguf", ["a.bin", "../b.bin"], "weights.gguf: '../b.bin' is no place within the wheel"),
        (f"{MODEL}/family", "a b", "family: 'a b'"),
        (f"{MODEL}/weights/version", "$(touch y)", "weights.version: '$(touch y)' is not the version of a package"),
        (f"{MODEL}/weights/version", "1.0\n", "weights.version"),
        (f"{MODEL}/weights/gguf", "../../x.gguf", "weights.gguf: '../../x.gguf' is no place within the wheel"),
        (f"{MODEL}/weights/gguf", "/x.gguf", "weights.gguf: '/x.gguf' is no place within the wheel"),
        (f"{MODEL}/weights/gguf", "$(x).gguf", "weights.gguf: '$(x).gguf' is no place within the wheel"),
        (f"{MODEL}/weights", {"hub": "o/n", "revision": "../x"}, "weights.revision: '../x' is not a branch or tag"),
        (
            "corpora/demo",
            {"sentences": "a\nb"},
            "sentences: 'a\\nb' is not a path without line ends",
        ),
        ("cache", "a{b}", "cache: 'a{b}' is not a path without line ends and braces"),
        ("figures", {"sentence": "1 2; x"}, "figures.sentence: '1 2; x' is not an article and a sentence"),
    ],
    # Texts of these would not all fit into a name.
    ids=lambda value: value[:20] if isinstance(value, str) else type(value).__name__,
)
def test_mending_7_9_10_what_would_end_in_a_wrong_number_or_a_traceback_is_named(
    path: str, value: Any, said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(changed(path, value), SCHEMA)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({1: {"weights": {"folder": "x"}}, "1": {"weights": {"folder": "y"}}}, "models: '1' is given twice"),
        (
            {datetime.date(2024, 1, 1): {}},
            "models: YAML takes the name datetime.date(2024, 1, 1) for a date; put it in",
        ),
        ({False: {}}, "models: YAML takes the name False for a bool; put it in quotes"),
        ({1.10: {}}, "models: YAML takes the name 1.1 for a float; put it in quotes"),
        ({None: {}}, "models: YAML takes the name None for a NoneType; put it in quotes"),
        ({("a", "b"): {}}, "models: YAML takes the name ('a', 'b') for a tuple; put it in quotes"),
    ],
)
def test_mending_9_names_are_text(entries: dict[Any, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(changed("models", entries), SCHEMA)
    assert said in str(caught.value)


def test_a_configuration_within_itself_is_named() -> None:
    config = changed("figures", {})
    config["figures"]["style"] = config["figures"]
    with pytest.raises(ConfigurationError, match="entries within entries without end"):
        check(config, SCHEMA)


@pytest.mark.parametrize("path", ["~nosuchuser/x", "~nosuchuser"])
def test_a_home_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(ConfigurationError, match="~nosuchuser.*: no home folder of that name; write the whole path"):
        number_of_layers("m", {"weights": {"folder": path}}, ROOT, {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (yaml.safe_dump(DEMO).encode("utf-16"), "not UTF-8"),
        ("seed: 1 # \xe9t\xe9".encode("latin-1"), "not UTF-8"),
        (b"seed: \x00", "not valid YAML"),
        (b"seed: 2024-13-45", "not valid YAML"),
        (b"? [a, b]\n: 1\n", "line 1: a list or an entry cannot be a name"),
        (b'1: a\n"1": b\n', "line 2: '1' is given twice"),
        (b"seed: 1\n__use_yte__: true\n?print(1): 2\n", "line 2: __use_yte__ lets a configuration run code"),
        (b"[" * 5000, "without end"),
        (b"a: !!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_configuration_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(content)
    with pytest.raises(ConfigurationError, match="c.yaml") as caught:
        read_strict(tmp_path / "c.yaml")
    assert said in str(caught.value)


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_strict(tmp_path)


def test_layers_come_from_the_folder_and_are_compared(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"n_layer": 7}), encoding="utf-8")
    weights = {"folder": str(tmp_path)}
    assert number_of_layers("m", {"weights": weights}, ROOT, {}) == 7
    with pytest.raises(ConfigurationError, match=r"models\.m\.layers: 8, but .* says 7"):
        number_of_layers("m", {"weights": weights, "layers": 8}, ROOT, {})
    with pytest.raises(ConfigurationError, match="add layers: N"):
        number_of_layers("m", {"weights": {"wheel": "w"}}, ROOT, {})
    with pytest.raises(ConfigurationError, match="no .*config.json"):
        number_of_layers("m", {"weights": {"folder": str(tmp_path / "none")}}, ROOT, {})


NO_NUMBERS = ["four", None, 0, -1, 10**30, True, [4], {"a": 4}, 4.5]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_mending_6_layers_that_are_no_number_are_named(tmp_path: Path, number: Any) -> None:
    for described in ({"num_hidden_layers": number}, {"n_layer": 4, "text_config": {"num_layers": number}}):
        (tmp_path / "config.json").write_text(json.dumps(described), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"m\.weights\.folder: .*config\.json: n.* not a whole number"):
            number_of_layers("m", {"weights": {"folder": str(tmp_path)}}, ROOT, {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[4]", r"config\.json: \[4\] is no JSON object"),
        (b"4", r"config\.json: 4 is no JSON object"),
        (b'{"n_layer": 4, "text_config": null}', r"config\.json: text_config is null, not a JSON object"),
        (b"{", r"config\.json: cannot be read as JSON in UTF-8 \(Expecting"),
        ('{"n_layer": 4}'.encode("utf-16"), r"config\.json: cannot be read as JSON in UTF-8 \('utf-8' codec"),
        (b"[" * 100_000, r"config\.json: cannot be read as JSON in UTF-8 \(maximum recursion"),
        (b'{"n_layer": ' + b"4" * 5000 + b"}", r"config\.json: cannot be read as JSON in UTF-8 \(Exceeds the limit"),
    ],
)
def test_mending_6_a_config_json_that_is_none_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"models\.m\.weights\.folder: .*{said}"):
        number_of_layers("m", {"weights": {"folder": str(tmp_path)}}, ROOT, {})
    with pytest.raises(FileFormatError, match=said):
        jobs.size_of_folder(tmp_path, [], 4)


def test_layers_of_the_hub_come_from_the_lock_and_a_delta_has_the_last_word(tmp_path: Path) -> None:
    lock = {
        name: Revision("0" * 40, "main", layers, 4, 99, 8, 9, 4)
        for name, layers in (("o/n", 3), ("o/n@v2", 4), ("d/d", 5))
    }
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 7}), encoding="utf-8")
    folder = {"folder": str(tmp_path)}
    for weights, layers in (
        ({"hub": "o/n"}, 3),
        ({"hub": "o/n", "revision": "v2"}, 4),
        ({"hub": "o/n", "delta": {"hub": "d/d"}}, 5),
        ({**folder, "delta": {"hub": "d/d"}}, 5),
        ({"hub": "o/n", "delta": folder}, 7),
    ):
        assert number_of_layers("m", {"weights": weights}, ROOT, lock) == layers
    with pytest.raises(ConfigurationError, match=r"models\.m\.layers: 2, but revisions\.lock says 3"):
        number_of_layers("m", {"weights": {"hub": "o/n"}, "layers": 2}, ROOT, lock)
    for weights, said in (
        ({"hub": "x/x", "delta": {"hub": "d/d"}}, "weights.hub: x/x"),
        ({**folder, "delta": {"hub": "d/d", "revision": "v1"}}, "weights.delta.hub: d/d@v1"),
    ):
        with pytest.raises(ConfigurationError, match=rf"models.m.{said} is not in revisions.lock.*run make resolve"):
            number_of_layers("m", {"weights": weights}, ROOT, lock)


@pytest.mark.parametrize(
    ("layers", "size", "expected"),
    [
        (5, 2, [(0, 1), (2, 3), (4, 4)]),
        (4, "all", [(0, 3)]),
        (3, 1, [(0, 0), (1, 1), (2, 2)]),
        (3, 9, [(0, 2)]),
    ],
)
def test_blocks_cover_every_layer_once(layers: int, size: int | str, expected: list[tuple[int, int]]) -> None:
    assert blocks(layers, size) == expected


def test_an_archive_needs_no_weights_to_tell_the_number_of_layers(tmp_path: Path) -> None:
    model = {"weights": {"folder": "gone"}, "layers": 7}
    assert number_of_layers("m", model, tmp_path, {}, archived=True) == 7
    with pytest.raises(ConfigurationError, match="models.m.weights.folder: no .*config.json"):
        number_of_layers("m", model, tmp_path, {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed: 010", "'010' is the number 8 to YAML"),
        ("permutations: 1:40", "'1:40' is the number 100 to YAML"),
        ("exclude: {010: tired}", "'010' is the number 8 to YAML"),
        ("exclude: {0x1F: tired}", "'0x1F' is the number 31 to YAML"),
    ],
)
def test_a_number_that_yaml_reads_as_another_is_named(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"a: 1\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"c\.yaml, line 2: {said}; put it in quotes"):
        read_strict(tmp_path / "c.yaml")
    (tmp_path / "c.yaml").write_text("a: [1, -1, +1, 0, 1_000, 08, '010', 33e9, 1.5]\n", encoding="utf-8")
    assert read_strict(tmp_path / "c.yaml") == {"a": [1, -1, 1, 0, 1000, "08", "010", "33e9", 1.5]}
