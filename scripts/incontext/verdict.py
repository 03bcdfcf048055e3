"""One line a claim: what the two settings say about size and learning from context."""

from readalike.files.atomic import replacing
from readalike.files.contracts import incontext as contracts
from readalike.files.tables import gather
from readalike.incontext import verdict as verdicts
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
    covered: int,
    verdict: Out,
) -> None:
    """
    risk : of the regression setting where it is configured, as crossing; accuracy, turning, margin: of parity
    layers : trained-regression.csv; heads, weight: trained-parity-*.csv and trained-weight-*.csv, where trained
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
    with replacing(verdict) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
