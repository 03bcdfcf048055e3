# Attention -> results/loss/{corpus}/{model}.csv: nats per token of the sentences.


LOSS = "<results>/loss/{corpus}/{model}.csv"


rule loss:
    input:
        words=words,
        attention=lambda w: every(ATTENTION, corpus=w.corpus, model=w.model),
    output:
        table=LOSS,
    log:
        "<logs>/loss/{corpus}/{model}.log",
    benchmark:
        "<benchmarks>/loss/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/loss.py"),
        corpus_name="{corpus}",
    shell:
        call("measures/loss.py")


measured(LOSS, corpus=TEXTS)
