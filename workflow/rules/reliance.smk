# Attention -> results/reliance/{corpus}/{model}.csv: the trivial patterns, by layer and head.


RELIANCE = "<results>/reliance/{corpus}/{model}.csv"
RELIANCE_BOOTSTRAP = "<results>/reliance/{corpus}/{model}-bootstrap.h5"


rule reliance:
    input:
        words=words,
        attention=lambda w: every(ATTENTION, corpus=w.corpus, model=w.model),
    output:
        table=RELIANCE,
        bootstrap=RELIANCE_BOOTSTRAP,
    log:
        "<logs>/reliance/{corpus}/{model}.log",
    benchmark:
        "<benchmarks>/reliance/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/reliance.py"),
        kind=CONFIG["attention"],
        corpus_name="{corpus}",
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        call("measures/reliance.py")


measured(RELIANCE, corpus=TEXTS)
