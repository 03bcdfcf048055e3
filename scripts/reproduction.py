"""Published values beside those computed here."""

import argparse
import json
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.tables import gather, read_table
from readalike.imports.gao2023_results import read_scores
from readalike.reproduction.values import SCORES, Evidence, compare, read_published


def main(arguments: argparse.Namespace) -> None:
    names = json.loads(arguments.names)
    scores = {name: arguments.scores / "heads_vs_saccade" / f"num_1_{name}.npy" for name in SCORES.values()}
    fmri = {f"L{k}": arguments.scores / "heads_vs_fmri" / f"num_{k}_angular_llama_7B.npy" for k in (1, 2)}
    evidence = Evidence(
        scores={name: read_scores(path) for name, path in scores.items()},
        fmri_scores={group: read_scores(path) for group, path in fmri.items()},
        resemblance=gather(arguments.resemblance, ["model", "group", "signal", "layer", "reader", "r2"]),
        ceilings=gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"]),
        reliance=gather(arguments.reliance, ["group", "signal", "reader", "r2"]),
        reliance_tests=read_table(arguments.reliance_tests, ["a", "b", "signal", "test", "statistic", "df", "p"]),
        layers=json.loads(arguments.layers),
        **{key: names[key] for key in ("models", "groups", "regions")},
    )
    found = compare(read_published(arguments.published), evidence)
    tables.save(found, arguments.output, "Published values beside those computed here.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="the authors' folder lr_scores_reading_brain")
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--reliance", type=Path, nargs="+", required=True)
    parser.add_argument("--reliance-tests", type=Path, required=True)
    parser.add_argument("--names", required=True, help="JSON: models, groups and regions, by their name in the paper")
    parser.add_argument("--layers", required=True, help="JSON: model -> layers of the whole model")
    parser.add_argument("--output", type=Path, required=True, help="stem; .csv and .tex are appended")
    run(main, parser)
