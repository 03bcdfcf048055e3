"""A paragraph on what a run did, made of its configuration, and what it cites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from readalike.captions import Run, listed
from readalike.files.attention import RAW, ROLLOUT, VALUE_NORMS

WORKS = {
    "Abnar and Zuidema 2020": "Abnar, S., and Zuidema, W. (2020). Quantifying attention flow in transformers. ACL.",
    "Cameron, Gelbach and Miller 2011": "Cameron, A. C., Gelbach, J. B., and Miller, D. L. (2011). Robust inference "
    "with multiway clustering. Journal of Business and Economic Statistics 29(2).",
    "Gao et al. 2023": "Gao, C., Huang, S., Li, J., and Chen, J. (2023). Roles of scaling and instruction tuning in "
    "language perception: model vs. human attention. Findings of EMNLP.",
    "Goodkind and Bicknell 2018": "Goodkind, A., and Bicknell, K. (2018). Predictive power of word surprisal for "
    "reading times is a linear function of language model quality. CMCL.",
    "Hall 1992": "Hall, P. (1992). On the removal of skewness by transformation. Journal of the Royal Statistical "
    "Society B 54(1).",
    "Holm 1979": "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
    "Statistics 6(2).",
    "Kobayashi et al. 2020": "Kobayashi, G., Kuribayashi, T., Yokoi, S., and Inui, K. (2020). Attention is not only a "
    "weight: analyzing transformers with vector norms. EMNLP.",
    "Lin 1991": "Lin, J. (1991). Divergence measures based on the Shannon entropy. IEEE Transactions on Information "
    "Theory 37(1).",
    "Mölder et al. 2021": "Mölder, F., and others (2021). Sustainable data analysis with Snakemake. F1000Research "
    "10:33.",
    "Shi et al. 2024": "Shi, Z., Wei, J., Xu, Z., and Liang, Y. (2024). Why larger language models do in-context "
    "learning differently? ICML.",
    "Speer 2022": "Speer, R. (2022). rspeer/wordfreq. Zenodo.",
    "Wolf et al. 2020": "Wolf, T., and others (2020). Transformers: state-of-the-art natural language processing. "
    "EMNLP, system demonstrations.",
}
KINDS = {
    RAW: "Attention weights were taken as they are.",
    VALUE_NORMS: "Attention weights were multiplied by the norms of what they weigh ({Kobayashi et al. 2020}).",
    ROLLOUT: "Attention was rolled out over the layers below ({Abnar and Zuidema 2020}): one value a pair.",
}
SIGNALS = {"number": "counted", "duration": "added up by their duration"}


@dataclass(frozen=True)
class Methods:
    """Paragraphs, and the works that they name, in the order of their names."""

    paragraphs: tuple[str, ...]
    works: tuple[str, ...]


def methods(config: Mapping[str, Any], run: Run, imported: Iterable[str], version: str) -> Methods:
    """What was done, in sentences that may be pasted.

    config : as checked, with its defaults; imported : models whose attention others released
    version : of this workflow
    """
    parts = [
        _data(run),
        _attention(config, run, list(imported)),
        *([_scores(config)] if run.about["saccades"] else []),
        _comparisons(config, run),
        f"All of it was run by readalike {version}, a Snakemake workflow ({{Mölder et al. 2021}}), with seed "
        f"{config['seed']}.",
    ]
    text = [part for part in parts if part]
    cited = tuple(WORKS[name] for name in sorted(WORKS) if any(f"{{{name}}}" in part for part in text))
    for name in WORKS:
        text = [part.replace(f"{{{name}}}", name) for part in text]
    return Methods(tuple(text), cited)


def _data(run: Run) -> str:
    where = {**run.about["saccades"], **run.about["regions"]}
    texts = listed("{} ({} sentences of {} articles)".format(name, *run.corpora[name]) for name in run.corpora)
    people = listed(
        f"{run.readers[group][0]} {'simulated' if run.readers[group][1] == 'simulated' else 'measured'} readers of "
        f"{group} on {corpus}"
        for group, corpus in where.items()
        if group in run.readers
    )
    simulated = any(kind == "simulated" for _, kind in run.readers.values())
    warning = " Simulated readers are drawn from a model of reading: what is found of them is no finding about people."
    return f"The texts were {texts}; the readers, {people}.{warning if simulated else ''}"


def _attention(config: Mapping[str, Any], run: Run, imported: list[str]) -> str:
    layers = run.about["layers"]
    own = [model for model in layers if model not in imported]
    parts = []
    if own:
        by_type: dict[str, list[str]] = {}
        for model in own:
            by_type.setdefault(str(config["models"][model].get("dtype", "float32")), []).append(model)
        named = "; ".join(
            f"{listed(_model(name, layers) for name in names)} in {kind}" for kind, names in by_type.items()
        )
        parts.append(
            f"Attention was extracted from {named} with the transformers library ({{Wolf et al. 2020}}), each sentence "
            "by itself, summed over the tokens of the word that is looked at and averaged over those of the word that "
            "looks ({Gao et al. 2023})."
        )
    if imported:
        parts.append(f"That of {listed(_model(name, layers) for name in imported)} was taken as it was released.")
    parts.append(KINDS[config["attention"]])
    prefixed = [name for name in config.get("conditions", {}) if name != "plain"]
    if prefixed:
        parts.append(f"It was also extracted behind a prefix: {listed(prefixed)}.")
    return " ".join(parts)


def _model(name: str, layers: Mapping[str, Any]) -> str:
    there, of = layers[name]
    return f"{name} ({of} layers)" if there == of else f"{name} ({there} of {of} layers)"


def _scores(config: Mapping[str, Any]) -> str:
    surprisal = (
        " and, in b3, by how frequent ({Speer 2022}) and how unexpected words are" if config["surprisal"] else ""
    )
    landing = (
        " Where saccades land was modelled by a conditional logit over the words of the sentence."
        if config["landing"]
        else ""
    )
    times = (
        " The logarithms of reading times were regressed on how evenly attention is spread"
        f"{' and on surprisal' if config['surprisal'] else ''}, beside length and place: slopes, with standard errors "
        "clustered by reader and by sentence, and what is predicted held out ({Goodkind and Bicknell 2018})."
        if config["reading_times"]
        else ""
    )
    return (
        f"Saccades from a word to itself or to one before it were {SIGNALS[config['signal']]}, and each reader's were "
        "regressed on the attention of all heads of a layer, over all such pairs of words ({Gao et al. 2023}). Scores "
        "are R2 in sample, as in that paper, and held out, with one article left out in turn; beside the latter stand "
        "the mean over 20 shuffles of the attention, the attention of other sentences of the same length, and "
        f"baselines: what is known by position, word length and punctuation without a model{surprisal}. Ceilings are "
        f"what readers of a group tell of one another.{landing}{times}"
    )


def _comparisons(config: Mapping[str, Any], run: Run) -> str:
    parts = []
    pairs = run.about["comparisons"]
    kinds = [f"{kind}: {listed(f'{a} and {b}' for a, b in own)}" for kind, own in pairs.items() if own]
    formula = (
        "Jensen-Shannon divergence ({Lin 1991})"
        if run.about["formula"] == "computed"
        else ("symmetric Kullback-Leibler divergence as the paper prints it ({Gao et al. 2023})")
    )
    if kinds:
        parts.append(
            f"Models were compared in pairs ({'; '.join(kinds)}) by {formula} between their rows of attention."
        )
    if run.about["saccades"]:
        parts.append(
            "Tests over readers stand beside tests that take readers and sentences as drawn, with standard errors "
            "clustered by both ({Cameron, Gelbach and Miller 2011}) and, of one group, t adjusted for how skewed its "
            "readers are ({Hall 1992}); p values of many tests were corrected, where a table says so, "
            f"by Holm ({{Holm 1979}}) or by the largest of {config['permutations']} permutations."
        )
    if config.get("incontext"):
        parts.append("Two settings of in-context learning were solved and drawn ({Shi et al. 2024}).")
    return " ".join(parts)
