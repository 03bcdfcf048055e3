# Attention and gaze -> results/resemblance/{model}/{group}.csv: every layer against every reader and signal.


RESEMBLANCE = "results/resemblance/{model}/{group}.csv"
FOLDS = "results/resemblance/{model}/{group}-folds.csv"
BOOTSTRAP = "results/resemblance/{model}/{group}-bootstrap.h5"
THINNED = "results/resemblance/{model}/{high}--{low}-thinned.csv"
THINNED_BOOTSTRAP = "results/resemblance/{model}/{high}--{low}-thinned-bootstrap.h5"


rule resemblance:
    input:
        words=words,
        gaze=GAZE,
        attention=lambda w: every(
            ATTENTION, corpus=EXPERIMENT.corpus_of(w.group), model=w.model
        ),
    output:
        table=RESEMBLANCE,
        folds=FOLDS,
        bootstrap=BOOTSTRAP,
    log:
        "logs/resemblance/{model}/{group}.log",
    benchmark:
        "benchmarks/resemblance/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/resemblance.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        call("measures/resemblance.py")


# The second look at a contrast: the group with more saccades thinned to the number of the other.
rule thinned:
    input:
        words=lambda w: f"results/corpus/{EXPERIMENT.corpus_of(w.high)}/words.tsv",
        high="results/gaze/{high}.h5",
        low="results/gaze/{low}.h5",
        attention=lambda w: every(
            ATTENTION, corpus=EXPERIMENT.corpus_of(w.high), model=w.model
        ),
    output:
        table=THINNED,
        bootstrap=THINNED_BOOTSTRAP,
    log:
        "logs/thinned/{model}/{high}--{low}.log",
    benchmark:
        "benchmarks/thinned/{model}/{high}--{low}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/thinned.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        call("measures/thinned.py")


measured(RESEMBLANCE)
measured(THINNED, high=EXPERIMENT.saccade_groups)
