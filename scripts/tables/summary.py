"""What was made, and the headline numbers in plain words."""

from readalike.files.atomic import replacing
from readalike.files.contracts.equal_features import EQUAL_SLOPES
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.files.contracts.statistics import SLOPES
from readalike.files.contracts.tables import FMRI, HEADLINE
from readalike.files.tables import gather
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.tables.summary import summary
from readalike.tables.verdicts import paragraph


def main(
    *,
    verdict: In,
    headline: list[In],
    slopes: list[In],
    equal: list[In],
    regions: list[In],
    robustness: list[In],
    made: list[In],
    signal: str,
    text: Out,
) -> None:
    """
    verdict : verdict.txt, which stands first
    slopes : scaling-slopes.csv, where there are models enough
    equal : slopes at equal numbers of features, where the configuration asks for them
    robustness : tables/robustness.csv, where a group has saccades
    regions : table-08-fmri.csv, where fMRI is configured
    made : figures and tables
    """
    with replacing(text) as temporary:
        head, size = gather(headline, HEADLINE), gather(slopes, SLOPES)
        said = f"{verdict.read_text(encoding='utf-8')}\n"
        said += summary(head, size, gather(regions, FMRI), made, signal, gather(equal, EQUAL_SLOPES))
        said += paragraph(gather(robustness, ROBUSTNESS))
        temporary.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    run(main)
