"""What a run of a configuration on a cluster needs, and whether it is there: one table, before anything is queued."""

from pathlib import Path

from readalike import configuration
from readalike.errors import ReadalikeError
from readalike.experiment.experiment import experiment_of
from readalike.running.arguments import In
from readalike.running.command import run
from readalike.running.preflight import WRONG, as_text, check_needs, check_space, check_weights, needs_of
from readalike.running.preflight_slurm import check_slurm, read_profile
from readalike.strict_yaml import read_strict

ROOT = Path(__file__).parents[2]


def main(*, config: In, profile: str) -> None:
    """
    profile : name of one of workflow/profiles, or a folder
    """
    own = ROOT / "workflow" / "profiles" / profile
    found = read_profile(own if own.exists() else Path(profile))
    experiment, _ = experiment_of(configuration.with_results(read_strict(config), config), ROOT, dry_run=True)
    needs = needs_of(experiment, found.machine)
    results, cache = Path(experiment.results), Path(experiment.cache_folder)
    rows = [*check_needs(needs, found.machine)]
    if found.executor == "slurm":
        rows += check_slurm(found, needs, results)
    rows += check_space({"results": (results, needs.results), "cache": (cache, needs.cache)})
    rows += check_weights(experiment)
    print(as_text(rows))
    if wrong := sum(row.state == WRONG for row in rows):
        raise ReadalikeError(f"{wrong} of {len(rows)} checks found something wrong; nothing was queued")


if __name__ == "__main__":
    run(main)
