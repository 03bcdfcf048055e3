# Attention and gaze -> results/sinks/{model}/{group}.csv: what every layer adds to baseline b2 with rows of attention
# renormalised, and of looks at other words than the first; the sums by sentence and reader for tests of it.


SINKS = "<results>/sinks/{model}/{group}.csv"
SINKS_SUMS = "<results>/sinks/{model}/{group}-sums.h5"
# Groups with saccades, of which conclusions are drawn.
WITH_SINKS = EXPERIMENT.saccade_groups if CONFIG["sinks"] else []


rule sinks:
    input:
        words=words,
        gaze=GAZE,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
    output:
        table=SINKS,
        sums=SINKS_SUMS,
    log:
        "<logs>/sinks/{model}/{group}.log",
    benchmark:
        "<benchmarks>/sinks/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/sinks.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/sinks.py")


measured(SINKS, group=WITH_SINKS)
