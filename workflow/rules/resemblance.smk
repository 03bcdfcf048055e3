# Attention and gaze -> results/resemblance/{model}/{group}.csv: every layer against every reader and signal.


RESEMBLANCE = "<results>/resemblance/{model}/{group}.csv"
FOLDS = "<results>/resemblance/{model}/{group}-folds.csv"
SUMS = "<results>/resemblance/{model}/{group}-sums.h5"
THINNED = "<results>/resemblance/{model}/{high}--{low}-thinned.csv"
THINNED_SUMS = "<results>/resemblance/{model}/{high}--{low}-thinned-sums.h5"


rule resemblance:
    input:
        words=words,
        gaze=GAZE,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
        # None where there is no baseline b3.
        frequency=lambda w: every(
            FREQUENCY, corpus=of_words.corpus_of_b3(EXPERIMENT, w.model, w.group)
        ),
        surprisal=lambda w: every(
            SURPRISAL,
            corpus=of_words.corpus_of_b3(EXPERIMENT, w.model, w.group),
            model=w.model,
        ),
    output:
        table=RESEMBLANCE,
        folds=FOLDS,
        sums=SUMS,
    log:
        "<logs>/resemblance/{model}/{group}.log",
    benchmark:
        "<benchmarks>/resemblance/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/resemblance.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/resemblance.py")


# The second look at a contrast: the group with more saccades thinned to the number of the other.
rule thinned:
    input:
        words=lambda w: f"<results>/corpus/{EXPERIMENT.corpus_of(w.high)}/words.tsv",
        high="<results>/gaze/{high}.h5",
        low="<results>/gaze/{low}.h5",
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.high),
            model=w.model,
            condition=PLAIN,
        ),
    output:
        table=THINNED,
        sums=THINNED_SUMS,
    log:
        "<logs>/thinned/{model}/{high}--{low}.log",
    benchmark:
        "<benchmarks>/thinned/{model}/{high}--{low}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/thinned.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/thinned.py")


measured(RESEMBLANCE)
measured(THINNED, high=EXPERIMENT.saccade_groups)
