# Attention -> results/entropy/{corpus}/{model}.csv: how spread the attention of each head is.


ENTROPY = "<results>/entropy/{corpus}/{model}.csv"


rule entropy:
    input:
        words=words,
        attention=lambda w: every(ATTENTION, corpus=w.corpus, model=w.model),
    output:
        table=ENTROPY,
    log:
        "<logs>/entropy/{corpus}/{model}.log",
    benchmark:
        "<benchmarks>/entropy/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/entropy.py"),
        kind=CONFIG["attention"],
        corpus_name="{corpus}",
    shell:
        call("measures/entropy.py")


measured(ENTROPY, corpus=TEXTS)
