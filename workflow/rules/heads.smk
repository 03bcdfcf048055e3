# Attention and gaze -> results/heads/{model}/{group}.csv: every head by itself against the group's mean.


HEADS = "<results>/heads/{model}/{group}.csv"


rule heads:
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
        table=HEADS,
    log:
        "<logs>/heads/{model}/{group}.log",
    benchmark:
        "<benchmarks>/heads/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/heads.py"),
        kind=CONFIG["attention"],
    shell:
        call("measures/heads.py")


measured(HEADS)
