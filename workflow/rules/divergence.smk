# Attention -> results/sensitivity/{corpus}/{model}.csv (a condition against plain in one model) and
# results/divergence/{corpus}/{comparison}/{a}--{b}.csv (two models in one condition).

# Models of different depth are compared by quarter, those of one architecture by layer; the reference serves both.
UNITS = {"scaling": ["quarter"], "tuning": ["layer"], "reference": ["layer", "quarter"]}


SENSITIVITY = "<results>/sensitivity/{corpus}/{model}.csv"
DIVERGENCE = "<results>/divergence/{corpus}/{comparison}/{a}--{b}.csv"
# Models with attention in another condition than plain.
PREFIXED = [model for model in MODELS if EXPERIMENT.has_sensitivity(model)]


rule sensitivity:
    input:
        words=words,
        attention=lambda w: every(ATTENTION, corpus=w.corpus, model=w.model),
    output:
        table=SENSITIVITY,
    log:
        "<logs>/sensitivity/{corpus}/{model}.log",
    benchmark:
        "<benchmarks>/sensitivity/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/sensitivity.py"),
        kind=CONFIG["attention"],
        corpus_name="{corpus}",
        formula=CONFIG["divergence"]["formula"],
    shell:
        call("measures/sensitivity.py")


rule divergence:
    input:
        words=words,
        a=lambda w: every(ATTENTION, corpus=w.corpus, model=w.a),
        b=lambda w: every(ATTENTION, corpus=w.corpus, model=w.b),
    output:
        table=DIVERGENCE,
    log:
        "<logs>/divergence/{corpus}/{comparison}/{a}--{b}.log",
    benchmark:
        "<benchmarks>/divergence/{corpus}/{comparison}/{a}--{b}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/divergence.py"),
        kind=CONFIG["attention"],
        corpus_name="{corpus}",
        comparison="{comparison}",
        units=lambda w: UNITS[w.comparison],
        formula=CONFIG["divergence"]["formula"],
    shell:
        call("measures/divergence.py")


measured(SENSITIVITY, corpus=TEXTS, model=PREFIXED)
TARGETS["measures"] += every(DIVERGENCE)
