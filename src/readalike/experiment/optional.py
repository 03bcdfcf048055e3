"""What a configuration calls `optional`: left out, with a notice, where its files are not there."""

import json
from collections.abc import Iterable
from pathlib import Path

from readalike.configuration import Configuration, located
from readalike.weights.revisions import sources


def without_absent(config: Configuration, root: Path) -> tuple[Configuration, list[str]]:
    """The configuration without what is `optional` and not there: models without their folder, groups without files.

    What belongs to them goes with them: comparisons of these models, contrasts of these groups, corpora that no other
    group reads. The second value says in a sentence each what was left out and why.
    """
    left: Configuration = json.loads(json.dumps(config))
    return left, [*_drop_models(left, root), *_drop_groups(left, root)]


def _drop_models(config: Configuration, root: Path) -> Iterable[str]:
    """Take optional models whose folder is not there out of the configuration."""
    absent = {
        name: source["folder"]
        for name, model in config["models"].items()
        for _, source in sources(model.get("weights", {}))
        if source.get("optional") and not located(root, source["folder"]).is_dir()
    }
    config["models"] = {name: model for name, model in config["models"].items() if name not in absent}
    config["scaling_law"] = [name for name in config["scaling_law"] if name not in absent]
    for name, path in absent.items():
        yield f"model {name} is left out: optional, and there is no folder {path}"
    for kind, pairs in list(config["comparisons"].items()):
        whole = [pairs] if kind == "reference" else pairs
        kept = [pair for pair in whole if not absent.keys() & set(pair)]
        for a, b in whole:
            if [a, b] not in kept:
                yield f"comparisons.{kind}: {a} with {b} is left out with it"
        if kind != "reference":
            config["comparisons"][kind] = kept
        elif not kept:
            del config["comparisons"][kind]
    if config["figures"].get("model") in absent:
        del config["figures"]["model"]


def _drop_groups(config: Configuration, root: Path) -> Iterable[str]:
    """Take optional groups whose files are not there out of the configuration, with the corpora that only they read."""
    absent = {}
    for name, group in config["groups"].items():
        saccades = group.get("saccades", {})
        files = [saccades["path"]] if "path" in saccades else saccades.get("events", [])
        missing = [path for path in ([files] if isinstance(files, str) else files) if not located(root, path).exists()]
        if group.get("optional") and missing:
            absent[name] = missing[0]
            yield f"group {name} is left out: optional, and there is no {missing[0]}"
    read = {config["groups"][name]["corpus"] for name in absent}
    config["groups"] = {name: group for name, group in config["groups"].items() if name not in absent}
    for corpus in read - {group["corpus"] for group in config["groups"].values()}:
        del config["corpora"][corpus]
        yield f"corpus {corpus} is left out with it"
    for high, low in config["contrasts"]:
        if absent.keys() & {high, low}:
            yield f"contrasts: {high} with {low} is left out with it"
    config["contrasts"] = [pair for pair in config["contrasts"] if not absent.keys() & set(pair)]
