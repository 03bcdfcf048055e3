"""What was made, and the headline numbers in plain words."""

import argparse
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.atomic import replacing
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    head = gather(arguments.headline, ["group", "readers", "model", "layer", "r2", "r2_cv", "r2_null", "r2_unique"])
    regions = gather(arguments.regions, ["model", "group", "layers", "region", "r2", "percent_of_gao2023", "r2_cv"])
    with replacing(arguments.output) as temporary:
        temporary.write_text(tables.summary(head, regions, arguments.made), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headline", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--regions", type=Path, nargs="*", default=[], help="table-08-fmri.csv, where fMRI is configured"
    )
    parser.add_argument("--made", type=Path, nargs="+", required=True, help="figures and tables")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
