"""Table 8: resemblance to brain regions."""

import argparse
import json
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    resemblance = gather(
        arguments.resemblance, ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]
    )
    ceilings = gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"])
    found = tables.fmri(resemblance, ceilings, json.loads(arguments.layers))
    caption = "Table 8. Resemblance to brain regions (fMRI): best layer in sample, and best layer held out."
    tables.save(found, arguments.output, caption)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--layers", required=True, help="JSON: model -> layers of the whole model")
    parser.add_argument("--output", type=Path, required=True, help="stem; .csv and .tex are appended")
    run(main, parser)
