"""Published values beside those computed here."""

from readalike.files.contracts.human import CEILINGS, READER_RELIANCE
from readalike.files.contracts.reproduction import REPRODUCTION
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, read_table
from readalike.imports.gao2023_results import read_scores
from readalike.reproduction.values import SCORES, Evidence, compare, read_published
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.tables.latex import save


def main(
    *,
    published: In,
    scores: In,
    resemblance: list[In],
    ceilings: list[In],
    reliance: list[In],
    reliance_tests: In,
    models: Json[dict[str, str]],
    groups: Json[dict[str, str]],
    regions: Json[dict[str, str]],
    layers: Json[dict[str, int]],
    csv: Out,
    tex: Out,
) -> None:
    """
    scores : the authors' folder lr_scores_reading_brain
    models : as the paper calls them -> name in the configuration
    groups : L1 and L2 -> name in the configuration
    regions : L1 and L2 -> the group with brain regions
    layers : model -> layers of the whole model
    """
    released = {name: scores / "heads_vs_saccade" / f"num_1_{name}.npy" for name in SCORES.values()}
    fmri = {f"L{k}": scores / "heads_vs_fmri" / f"num_{k}_angular_llama_7B.npy" for k in (1, 2)}
    evidence = Evidence(
        scores={name: read_scores(path) for name, path in released.items()},
        fmri_scores={group: read_scores(path) for group, path in fmri.items()},
        resemblance=gather(resemblance, RESEMBLANCE),
        ceilings=gather(ceilings, CEILINGS),
        reliance=gather(reliance, READER_RELIANCE),
        reliance_tests=read_table(reliance_tests, TESTS),
        layers=layers,
        models=models,
        groups=groups,
        regions=regions,
    )
    found = compare(read_published(published), evidence)
    save(found, REPRODUCTION, csv, tex, "Published values beside those computed here.")


if __name__ == "__main__":
    run(main)
