"""Tables, sums of squares and draws of a run -> each of the paper's conclusions as one number, asked in many ways."""

from readalike.files.bootstrap import read_draws
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.attention import LOSS, RELIANCE
from readalike.files.contracts.divergence import DIVERGENCE, SENSITIVITY
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE, THINNED
from readalike.files.contracts.robustness import CONCLUSIONS
from readalike.files.contracts.sinks import SINKS
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.corpora import read_corpus
from readalike.files.sums import SumsOf, read_sums
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.sizes import parameters_of
from readalike.statistics import conclusions, conclusions_beyond, conclusions_models
from readalike.statistics.best_layer import standing
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.scored import joined


def main(
    *,
    words: list[In],
    resemblance: list[In],
    best_layer: list[In],
    sums: list[In],
    beyond: list[In],
    sinks: list[In],
    sinks_sums: list[In],
    all_layers: list[In],
    all_layers_sums: list[In],
    thinned: list[In],
    thinned_sums: list[In],
    human_sums: list[In],
    ceilings: list[In],
    reliance: list[In],
    reliance_bootstrap: list[In],
    sensitivity: list[In],
    reference: list[In],
    loss: list[In],
    comparisons: Json[Comparisons],
    contrasts: Json[list[tuple[str, str]]],
    scaling_law: list[str],
    families: Json[dict[str, str]],
    untrained: list[str],
    twins: Json[list[tuple[str, str]]],
    corpora: Json[dict[str, str]],
    layers: Json[dict[str, int]],
    equivalence: float,
    signal: str,
    table: Out,
) -> None:
    """
    words : of the corpora that groups with saccades read, in the order of `corpora`
    best_layer : best-layer.csv, where a model is whole
    beyond : sums of squares of what attention adds to baselines
    sinks : what it adds to b2 with its sinks out of the way; none where that is not asked for
    sinks_sums : sums of squares of that
    all_layers : what the heads of all layers add to b2 at once
    all_layers_sums : sums of squares of that
    reference : divergence of the reference pair
    scaling_law : base models
    families : model -> family, for those that have one
    untrained : models that means over models leave out
    twins : trained and untrained model of the same weights
    corpora : group with saccades -> the corpus it read
    layers : of every model
    equivalence : what counts as no effect, as a multiple of what as many heads explain by chance
    """
    beside_layers = [(gather(sinks, SINKS), SINKS), (gather(all_layers, ALL_LAYERS), ALL_LAYERS)]
    scores = joined(gather(resemblance, RESEMBLANCE), beside_layers)
    by_model: dict[tuple[str, str], list[SumsOf]] = {}
    for own in map(read_sums, [*sums, *beyond, *sinks_sums, *all_layers_sums]):
        by_model.setdefault((own.labels["model"], own.labels["group"]), []).append(own)
    read = dict.fromkeys(corpora.values())
    articles = {name: read_corpus(path).articles for name, path in zip(read, words, strict=True)}
    readers = conclusions.Run(
        scores[(scores["signal"] == signal) & scores["group"].isin(list(corpora))],
        standing(gather(best_layer, BEST_LAYER), signal),
        by_model,
        parameters_of(gather(loss, LOSS)),
        corpora,
        {group: articles[corpus] for group, corpus in corpora.items()},
        signal,
    )
    trained = readers.without(untrained)
    beside = conclusions.Beside(
        gather(thinned, THINNED),
        {(own.labels["model"], own.labels["group"]): own for own in map(read_sums, thinned_sums)},
        {own.labels["group"]: own for own in map(read_sums, human_sums)},
        gather(ceilings, CEILINGS),
    )
    draws = {(d.labels["corpus"], d.labels["model"]): d for d in map(read_draws, reliance_bootstrap)}
    scaling, tuning = comparisons["scaling"], comparisons["tuning"]
    found = conclusions.table(
        [
            *conclusions.size_rows(readers, scaling, scaling_law, families, equivalence),
            *conclusions_models.pattern_rows(gather(reliance, RELIANCE), draws, scaling),
            *conclusions.tuning_rows(readers, tuning, equivalence),
            *conclusions_models.instruction_rows(
                gather(sensitivity, SENSITIVITY), gather(reference, DIVERGENCE), tuning, layers
            ),
            *conclusions.group_rows(trained, contrasts, beside, equivalence),
            *conclusions_beyond.beyond_rows(trained, equivalence),
            *conclusions_beyond.twin_rows(readers, twins, equivalence),
        ]
    )
    write_table(table, found, CONCLUSIONS)


if __name__ == "__main__":
    run(main)
