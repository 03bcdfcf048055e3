# Attention and gaze -> results/all-layers/{model}/{group}.csv: what the heads of all layers add to baseline b2 at once; the
# sums by sentence and reader for tests of it.


ALL_LAYERS = "<results>/all-layers/{model}/{group}.csv"
ALL_LAYERS_SUMS = "<results>/all-layers/{model}/{group}-sums.h5"


rule all_layers:
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
        table=ALL_LAYERS,
        sums=ALL_LAYERS_SUMS,
    log:
        "<logs>/all-layers/{model}/{group}.log",
    benchmark:
        "<benchmarks>/all-layers/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.all_layers_mb(
            EXPERIMENT.layers[w.model], attempt
        ),
    params:
        code=code("measures/all_layers.py"),
        kind=CONFIG["attention"],
    shell:
        call("measures/all_layers.py")


measured(ALL_LAYERS, group=EXPERIMENT.saccade_groups)
