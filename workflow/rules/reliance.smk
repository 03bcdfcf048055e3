# Attention -> results/reliance/{corpus}/{model}.csv (trivial patterns, by layer and head) and
# results/loss/{corpus}/{model}.csv (nats per token of the sentences).


rule reliance:
    input:
        words=words,
        attention=lambda w: attention(w.corpus, w.model),
    output:
        table="results/reliance/{corpus}/{model}.csv",
        bootstrap="results/reliance/{corpus}/{model}-bootstrap.h5",
    log:
        "logs/reliance/{corpus}/{model}.log",
    benchmark:
        "benchmarks/reliance/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("reliance.py"),
        code=code("reliance.py"),
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        "{params.script} --corpus {input.words} --name {wildcards.corpus} --attention {input.attention} --seed {params.seed} "
        "--draws {params.draws} --table {output.table} --bootstrap {output.bootstrap} --log {log}"


rule loss:
    input:
        words=words,
        attention=lambda w: attention(w.corpus, w.model),
    output:
        "results/loss/{corpus}/{model}.csv",
    log:
        "logs/loss/{corpus}/{model}.log",
    benchmark:
        "benchmarks/loss/{corpus}/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("loss.py"),
        code=code("loss.py"),
    shell:
        "{params.script} --corpus {input.words} --name {wildcards.corpus} --attention {input.attention} --output {output} --log {log}"
