"""Tables 4, 6 and 7: in how many layers, and in which, tuning changes resemblance."""

from readalike.files.contracts.statistics import TESTS
from readalike.files.contracts.tables import CHANGED, CHANGED_LAYERS
from readalike.files.tables import read_table
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.tables.latex import save
from readalike.tables.layers import changed_layers, printed_layers, printed_numbers


def main(*, tests: In, signal: str, csv: Out, tex: Out, layers_csv: Out, layers_tex: Out) -> None:
    """
    tests : resemblance-tuning.csv
    csv : Table 4, as `tex`
    layers_csv : Tables 6 and 7, as `layers_tex`
    """
    found = changed_layers(read_table(tests, TESTS), signal)
    how = "than their base (paired t-test over readers, p below 0.05 after Bonferroni)."
    caption = f"Table 4. Numbers of layers of tuned models with significantly higher or lower resemblance {how}"
    save(found.numbers, CHANGED, csv, tex, caption, printed_numbers(found.numbers))
    caption = f"Tables 6 and 7. Layers of tuned models with significantly higher or lower resemblance {how}"
    save(found.layers, CHANGED_LAYERS, layers_csv, layers_tex, caption, printed_layers(found.layers))


if __name__ == "__main__":
    run(main)
