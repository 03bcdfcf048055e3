# Attention -> results/sensitivity/{corpus}/{model}.csv (a condition against plain in one model) and
# results/divergence/{corpus}/{kind}/{a}--{b}.csv (two models in one condition).

# Models of different depth are compared by quarter, those of one architecture by layer; the reference serves both.
UNITS = {"scaling": "quarter", "tuning": "layer", "reference": "layer quarter"}


rule sensitivity:
    input:
        words=words,
        attention=lambda w: attention(w.corpus, w.model),
    output:
        "results/sensitivity/{corpus}/{model}.csv",
    log:
        "logs/sensitivity/{corpus}/{model}.log",
    benchmark:
        "benchmarks/sensitivity/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("sensitivity.py"),
        code=code("sensitivity.py"),
        formula=CONFIG["divergence"]["formula"],
    shell:
        "{params.script} --corpus {input.words} --name {wildcards.corpus} --attention {input.attention} --formula {params.formula} "
        "--output {output} --log {log}"


rule divergence:
    input:
        words=words,
        a=lambda w: attention(w.corpus, w.a),
        b=lambda w: attention(w.corpus, w.b),
    output:
        "results/divergence/{corpus}/{kind}/{a}--{b}.csv",
    log:
        "logs/divergence/{corpus}/{kind}/{a}--{b}.log",
    benchmark:
        "benchmarks/divergence/{corpus}/{kind}/{a}--{b}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("divergence.py"),
        code=code("divergence.py"),
        units=lambda w: UNITS[w.kind],
        formula=CONFIG["divergence"]["formula"],
    shell:
        "{params.script} --corpus {input.words} --name {wildcards.corpus} --a {input.a} --b {input.b} --kind {wildcards.kind} "
        "--units {params.units} --formula {params.formula} --output {output} --log {log}"
