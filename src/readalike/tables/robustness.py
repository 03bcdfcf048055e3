"""The robustness table: what becomes of each conclusion under every variant that `tables.variants` lists."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from readalike.conditions import NOISE, PLAIN
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.statistics import conclusions as c
from readalike.statistics import conclusions_models as m
from readalike.tables import variants as v

Row = dict[str, Any]
SIGNIFICANT = 0.05
SUPPORTS, CONTRADICTS, CANNOT_TELL, NOT_ASKED = "supports", "contradicts", "cannot tell", "not asked"
OUTCOMES = (SUPPORTS, CONTRADICTS, CANNOT_TELL, NOT_ASKED)
ABOUT = ["conclusion", "score", "test", "layers", "models", "source"]
WHERE = ["corpus", "readers", "condition"]


def robustness(
    statistics: Mapping[str, pd.DataFrame],
    tuned: Collection[str],
    corpora: Mapping[str, str],
    settings: Row,
    untrained: Collection[str] = (),
) -> pd.DataFrame:
    """One row a variant and place (corpus, readers, condition); rows of ROBUSTNESS.

    statistics : name of a table of `statistics/` (`variants.CONCLUSIONS` and so on) -> its rows; others empty
    tuned : models that were tuned; corpora : group -> the corpus it read
    settings : signal, attention, divergence of the run; untrained : models that no claim is about
    """
    signal, groups = settings["signal"], statistics[v.GROUP_TESTS]
    rows = [
        *_of_conclusions(statistics[v.CONCLUSIONS]),
        *_of_slopes(statistics[v.SLOPES], signal, corpora),
        *_of_tuning(statistics[v.TUNING_TESTS], signal, corpora),
        *_of_sensitivity(statistics, tuned),
        *_of_groups(groups[~groups["model"].isin(list(untrained))], signal, corpora),
    ]
    found = pd.DataFrame(rows, columns=ROBUSTNESS.names)
    table = pd.DataFrame(_laid_out(found), columns=ROBUSTNESS.names)
    table = table.assign(**settings, strict=["yes" if variant_of(row).strict else "" for row in records(table)])
    table = judged(table)
    return table.assign(**{name: table[name].astype(object).fillna("") for name in ROBUSTNESS.text})


def records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def variant_of(row: Row) -> v.Variant:
    return v.Variant(*(row[name] for name in ABOUT))


def _laid_out(found: pd.DataFrame) -> Iterator[Row]:
    """Every variant in the order of the list, in every place that its conclusion has; without an answer with `why`."""
    by_key, here = {}, defaultdict(list)  # rows of each conclusion by place
    for row in records(found):
        place = tuple(row[name] for name in WHERE)
        by_key[tuple(row[name] for name in ABOUT), place] = row
        here[row["conclusion"], place].append(row)
    places = defaultdict(list)
    for conclusion, place in here:
        places[conclusion].append(place)
    # A row that is not in the list would have been chosen after the fact: it is left out.
    for variant in v.VARIANTS:
        for place in places[variant.conclusion] or [("", "", "")]:
            beside = here.get((variant.conclusion, place), [])
            about = dict(zip((*ABOUT, *WHERE), (*variant, *place), strict=True))
            about["readers_are"] = beside[0]["readers_are"] if beside else ""
            yield by_key.get((tuple(variant), place)) or {**about, "why": _why(variant, beside)}


def _why(variant: v.Variant, beside: list[Row]) -> str:
    """Why a variant has no row, by what the other rows of its conclusion have in this place."""
    if not beside:
        return v.NO_CONCLUSION[variant.conclusion]
    for name, reasons in (("models", v.NO_MODELS), ("layers", v.NO_LAYERS), ("score", v.NO_SCORE)):
        value = getattr(variant, name)
        if value in reasons and value not in {row[name] for row in beside}:
            return reasons[value]
    tests = {row["test"] for row in beside if row["score"] == variant.score}
    return v.NO_TEST if variant.source == v.CONCLUSIONS and tests and variant.test not in tests else v.NO_ROW


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """Direction, Holm's p over all tested rows, outcome by it and without a correction, and what survives."""
    tested = table["p"].notna()
    holm = np.full(len(table), np.nan)
    if tested.any():
        holm[tested.to_numpy()] = multipletests(table.loc[tested, "p"].to_numpy(dtype=float), method="holm")[1]
    table = table.assign(p_holm=holm)
    rows = records(table)
    table["direction"] = [direction(row) for row in rows]
    table["outcome"] = [outcome(row, row["p_holm"]) for row in rows]
    table["outcome_alone"] = [outcome(row, row["p"]) for row in rows]
    untested = table["estimate"].notna() & table["p"].isna()
    table["why"] = table["why"].where(~untested, v.NO_P)
    yes = np.where(table["outcome"] == SUPPORTS, "yes", np.where(table["outcome"] == NOT_ASKED, "", "no"))
    table["survives"] = np.where(table["strict"] == "yes", yes, "")
    return table


def direction(row: Row) -> str:
    """The sign of the estimate beside the claim's; of a claim of no difference whether it is within the bound."""
    if math.isnan(row["estimate"]):
        return ""
    if row["test"] == c.EQUIVALENCE:
        return "as claimed" if abs(row["estimate"]) <= row["bound"] else "against"
    if row["estimate"] == 0:
        return "none"
    sign = v.SIGNS[row["conclusion"]]
    return "against" if sign == 0 or (row["estimate"] > 0) != (sign > 0) else "as claimed"


def outcome(row: Row, p: float) -> str:
    """What a row says by one p.

    A claim of no difference is supported by equivalence alone; that nothing was found does not speak for it.
    Equivalence speaks against it where the whole interval is beyond a bound.
    """
    if math.isnan(row["estimate"]):
        return NOT_ASKED
    if row["test"] == c.EQUIVALENCE:
        beyond = row["ci_low"] > row["bound"] or row["ci_high"] < -row["bound"]
        return SUPPORTS if p < SIGNIFICANT else CONTRADICTS if beyond else CANNOT_TELL
    if math.isnan(p) or p >= SIGNIFICANT or row["estimate"] == 0:
        return CANNOT_TELL
    return SUPPORTS if direction(row) == "as claimed" else CONTRADICTS


def _of_conclusions(frame: pd.DataFrame) -> Iterator[Row]:
    for row in records(frame):
        yield {**row, "source": v.CONCLUSIONS}


def _of_slopes(frame: pd.DataFrame, signal: str, corpora: Mapping[str, str]) -> Iterator[Row]:
    """Slopes for each doubling, with both p: of the line, and over orders of the models."""
    for row in records(frame[frame["signal"] == signal]):
        if row["column"] not in v.SLOPE_SCORES or row["fit"] not in v.FITS or row["group"] not in corpora:
            continue
        score, layers = v.SLOPE_SCORES[row["column"]]
        doubled = {name: math.log(2) * row[given] for name, given in
                   (("estimate", "slope"), ("ci_low", "ci_low"), ("ci_high", "ci_high"))}  # fmt: skip
        for column, test in v.SLOPE_TESTS.items():
            yield {
                **{"conclusion": c.SIZE, "corpus": corpora[row["group"]], "readers": row["group"]},
                **{"readers_are": row["readers_are"], "score": score, "test": test, "layers": layers},
                **{"models": v.FITS[row["fit"]], "condition": PLAIN, "source": v.SLOPES, **doubled},
                **{"unit": c.PERCENT if score == "percent of ceiling" else c.R2, "p": row[column]},
                "n_models": row["n"],
            }


def _strongest(frame: pd.DataFrame, p: str) -> Row | None:
    """The row with the smallest p that is corrected within its family, times the number of families."""
    tested = frame[frame[p].notna()]
    if tested.empty:
        return None
    row = records(tested)[int(tested[p].argmin())]
    families = tested["family"].nunique()
    found = {name: row[name] for name in ("ci_low", "ci_high", "n_sentences")}
    return {**found, "estimate": row["difference"], "p": min(1.0, row[p] * families), "found": row}


def _any(strongest: Row, **labels: Any) -> Row:
    kept = {name: value for name, value in strongest.items() if name != "found"}
    return {**kept, "layers": v.ANY, "models": v.ANY, **labels}


def _of_tuning(frame: pd.DataFrame, signal: str, corpora: Mapping[str, str]) -> Iterator[Row]:
    frame = frame[(frame["signal"] == signal) & frame["group"].isin(list(corpora))]
    for (group, scale, test), part in frame.groupby(["group", "scale", "test"], sort=False):
        if scale in v.TUNING_SCALES and test in v.LAYER_TESTS:
            drawn, p = v.LAYER_TESTS[test]
            if (best := _strongest(part, p)) is not None:
                labels = {"conclusion": c.TUNING, "corpus": corpora[str(group)], "readers": group, "unit": c.R2}
                labels |= {"readers_are": best["found"]["readers_are"], "n_readers": best["found"]["n_a"]}
                labels |= {"score": v.TUNING_SCALES[scale], "test": drawn, "condition": PLAIN, "source": v.TUNING_TESTS}
                yield _any(best, **labels, n_models=len({*part["a"], *part["b"]}))


def _of_sensitivity(statistics: Mapping[str, pd.DataFrame], tuned: Collection[str]) -> Iterator[Row]:
    for question, (source, score) in v.SENSITIVITY_QUESTIONS.items():
        frame = statistics[source]
        frame = frame[(frame["question"] == question) & frame["a"].isin(list(tuned)) & (frame["condition"] != NOISE)]
        for (corpus, condition), part in frame.groupby(["corpus", "condition"], sort=False):
            if (best := _strongest(part, "p_holm")) is not None:
                labels = {"conclusion": c.INSTRUCTIONS, "corpus": corpus, "condition": condition, "readers": ""}
                labels |= {"score": score, "test": m.SENTENCES, "source": source, "unit": m.NATS}
                number = len({*part["a"], *part["b"].dropna()} - {""})
                yield _any({**best, "n_sentences": best["found"]["n_a"]}, **labels, n_models=number)


def _of_groups(frame: pd.DataFrame, signal: str, corpora: Mapping[str, str]) -> Iterator[Row]:
    frame = frame[(frame["signal"] == signal) & frame["a"].isin(list(corpora))]
    for (a, b, scale, test), part in frame.groupby(["a", "b", "scale", "test"], sort=False):
        if scale in v.GROUP_SCALES and test in v.LAYER_TESTS:
            drawn, p = v.LAYER_TESTS[test]
            if (best := _strongest(part, p)) is not None:
                score = v.GROUP_SCALES[scale]
                times = 100.0 if "percent" in score else 1.0
                scaled = {name: times * best[name] for name in ("estimate", "ci_low", "ci_high")}
                found = best["found"]
                labels = {"conclusion": c.GROUPS, "corpus": corpora[str(a)], "readers": f"{a} above {b}", "test": drawn}
                labels |= {"readers_are": found["readers_are"], "n_readers": found["n_a"] + found["n_b"]}
                labels |= {"score": score, "unit": c.PERCENT if times > 1 else c.R2, "source": v.GROUP_TESTS}
                number = part["model"].nunique()
                yield _any({**best, **scaled}, **labels, condition=PLAIN, n_models=number)
