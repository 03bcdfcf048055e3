"""Run by test_plumbing.py in a process of its own: a short way through the workflow, with one module replaced.

    python -m tests.plumbing FOLDER MODULE

The module is replaced by the least that does its work: errors that are all alike, files written in place, no record.
Prints one line of JSON: name of every output -> its checksum.
"""

import hashlib
import importlib.util
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.running import ROOT
from tests.tiny_models import make_tiny_checkpoint

SENTENCES = ["any human sound", "no other sound is here", "an animal has a voice", "we hear it again and again"]


class _Json:
    def __class_getitem__(cls, item: object) -> object:
        return item


@contextmanager
def in_place(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    yield path


@contextmanager
def folder_in_place(path: Path) -> Iterator[Path]:
    path.mkdir(parents=True)
    yield path


class _Errors(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if not name.endswith(("Error", "FULL")):
            raise AttributeError(name)
        return () if name == "FULL" else Exception


STANDS_IN: dict[str, dict[str, Any]] = {
    "readalike.errors": {},
    "readalike.running.arguments": {"In": Path, "Out": Path, "HandedOn": Path, "TakenOver": Path, "Json": _Json},
    "readalike.running.command": {"run": lambda main: None, "log": logging.getLogger("other")},
    "readalike.running.digests": {"code_digest": lambda *_: "none"},
    "readalike.running.records": {"write": lambda *_, **__: None},
    "readalike.files.atomic": {"replacing": in_place, "replacing_folder": folder_in_place},
}


def stand_in(module: str) -> None:
    made = (_Errors if module == "readalike.errors" else ModuleType)(module)
    vars(made).update(STANDS_IN[module])
    if module == "readalike.running.arguments":
        # `command` wants the rest of it; no script does.
        stand_in("readalike.running.command")
    sys.modules[module] = made


def main_of(script: str) -> Any:
    path = ROOT / "scripts" / script
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def walk(folder: Path) -> None:
    """From sentences to a table and a figure."""
    checkpoint = make_tiny_checkpoint(folder / "checkpoint", layers=2)
    text = "".join(f"{a}\t{s + 1}\t{SENTENCES[2 * a - 2 + s]}\n" for a in (1, 2) for s in (0, 1))
    (folder / "text.tsv").write_text(f"article\tsentence\ttext\n{text}", encoding="utf-8")
    made = folder / "made"
    words, gaze, attention = made / "words.tsv", made / "L1.h5", made / "plain" / "layers-0-1.h5"
    main_of("corpus/corpus.py")(
        text=[folder / "text.tsv"], lengths=[], events=[], sentences=made / "sentences.tsv", words=words
    )
    main_of("gaze/simulate.py")(words=words, readers=4, seed=1, profile="native", events=made / "events")
    main_of("gaze/gaze.py")(
        words=words, group="L1", source=[made / "events"], exclude={}, means=[], means_of=[], gaze=gaze,
        layout={"layout": "reading-brain", "simulated": True},
    )  # fmt: skip
    (made / "conditions.json").write_text('{"noise": "no other", "plain": ""}', encoding="utf-8")
    main_of("attention/extract.py")(
        words=words, weights=checkpoint, trust_remote_code=False, revisions={}, model="m", first=0, last=1, layers=2,
        conditions=made / "conditions.json", dtype="float32", token_budget=64, threads=1, storage="float32",
        share_prefixes=True, kind="rollout", states=made / "states.safetensors",
        names=["noise", "plain"], attention=[made / "noise" / "layers-0-1.h5", attention],
    )  # fmt: skip
    common: dict[str, Any] = {"words": words, "gaze": gaze}
    human = {name: made / f"{name}.csv" for name in ("ceilings", "bounds", "reliance", "baseline")}
    main_of("measures/human.py")(**common, **human, seed=1, sums=made / "human.h5")
    scores = {name: made / f"{name}.csv" for name in ("table", "folds")}
    main_of("measures/resemblance.py")(
        **common, attention=[attention], kind="raw", seed=1, **scores, sums=made / "resemblance.h5"
    )
    at_once = {"table": made / "all-layers.csv", "sums": made / "all-layers.h5"}
    main_of("measures/all_layers.py")(**common, attention=[attention], kind="raw", **at_once)
    best, ceilings = made / "best-layer.csv", [human["ceilings"]]
    main_of("statistics/best_layer.py")(
        resemblance=[scores["table"]], folds=[scores["folds"]], ceilings=ceilings, table=best
    )
    main_of("tables/headline.py")(
        resemblance=[scores["table"]], best_layer=best, ceilings=ceilings, baseline=[human["baseline"]],
        sums=[made / "resemblance.h5"], beyond=[], human_sums=[made / "human.h5"],
        all_layers=[at_once["table"]], all_layers_sums=[at_once["sums"]],
        signal="number", without_b3={}, csv=made / "headline.csv", tex=made / "headline.tex",
    )  # fmt: skip
    pictures = {ending: made / f"layers.{ending}" for ending in ("pdf", "png", "csv")}
    main_of("figures/resemblance_layers.py")(
        resemblance=[scores["table"]],
        ceilings=ceilings,
        loss=[],
        layers={"m": 2},
        tuned=[],
        untrained=[],
        signal="number",
        style={},
        **pictures,
    )


if __name__ == "__main__":
    place, replaced = Path(sys.argv[1]), sys.argv[2]
    if replaced != "nothing":
        stand_in(replaced)
    walk(place)
    files = sorted(path for path in (place / "made").rglob("*") if path.is_file())
    print(json.dumps({str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}))
