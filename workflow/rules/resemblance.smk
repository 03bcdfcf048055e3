# Attention and gaze -> results/resemblance/{model}/{group}.csv: every layer against every reader and signal.


rule resemblance:
    input:
        words=words,
        gaze="results/gaze/{group}.h5",
        attention=attention_for_group,
    output:
        table="results/resemblance/{model}/{group}.csv",
        folds="results/resemblance/{model}/{group}-folds.csv",
        bootstrap="results/resemblance/{model}/{group}-bootstrap.h5",
    log:
        "logs/resemblance/{model}/{group}.log",
    benchmark:
        "benchmarks/resemblance/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("resemblance.py"),
        code=code("resemblance.py"),
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        "{params.script} --corpus {input.words} --gaze {input.gaze} --attention {input.attention} "
        "--seed {params.seed} --draws {params.draws} --table {output.table} --folds {output.folds} "
        "--bootstrap {output.bootstrap} --log {log}"


# The second look at a contrast: the group with more saccades thinned to the number of the other.
rule thinned:
    input:
        words=lambda w: f"results/corpus/{GROUPS[w.high]['corpus']}/words.tsv",
        high="results/gaze/{high}.h5",
        low="results/gaze/{low}.h5",
        attention=lambda w: attention(GROUPS[w.high]["corpus"], w.model),
    output:
        table="results/resemblance/{model}/{high}--{low}-thinned.csv",
        bootstrap="results/resemblance/{model}/{high}--{low}-thinned-bootstrap.h5",
    log:
        "logs/thinned/{model}/{high}--{low}.log",
    benchmark:
        "benchmarks/thinned/{model}/{high}--{low}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("thinned.py"),
        code=code("thinned.py"),
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        "{params.script} --corpus {input.words} --high {input.high} --low {input.low} "
        "--attention {input.attention} --seed {params.seed} --draws {params.draws} --table {output.table} "
        "--bootstrap {output.bootstrap} --log {log}"
