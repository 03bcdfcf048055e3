"""One line a claim: what the two settings and the models that were asked say about size and context."""

from readalike.files.atomic import replacing
from readalike.files.contracts import incontext as contracts
from readalike.files.contracts import incontext_models as models
from readalike.files.tables import gather
from readalike.incontext import verdict as verdicts
from readalike.incontext.noise_verdict import noise_lines
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(
    *,
    risk: list[In],
    crossing: list[In],
    accuracy: list[In],
    turning: list[In],
    margin: list[In],
    layers: list[In],
    heads: list[In],
    weight: list[In],
    slopes: list[In],
    pairs: list[In],
    sizes: list[In],
    noisy: list[In],
    covered: int,
    verdict: Out,
) -> None:
    """
    risk : of the regression setting where it is configured, as crossing; accuracy, turning, margin: of parity
    layers : trained-regression.csv; heads, weight: trained-parity-*.csv and trained-weight-*.csv, where trained
    slopes : noise-slopes.csv where models were asked, as pairs, sizes and noisy
    """
    lines: list[str] = []
    if risk:
        lines += verdicts.regression_lines(gather(risk, contracts.RISK), gather(crossing, contracts.CROSSINGS))
    if layers:
        lines += verdicts.trained_regression_lines(gather(layers, contracts.TRAINED_REGRESSION))
    if accuracy:
        found = gather(accuracy, contracts.ACCURACY), gather(turning, contracts.ORDER)
        lines += verdicts.parity_lines(*found, gather(margin, contracts.MARGINS))
    if heads:
        tested, weights = gather(heads, contracts.TRAINED_PARITY), gather(weight, contracts.TRAINED_WEIGHT)
        lines += verdicts.trained_parity_lines(tested, weights, covered)
    if slopes:
        lines += noise_lines(
            gather(slopes, models.NOISE_SLOPES),
            gather(pairs, models.NOISE_PAIRS),
            gather(sizes, models.NOISE_SIZES),
            gather(noisy, models.NOISY_LOOKS),
        )
    with replacing(verdict) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
