# Gaze -> results/human/{group}/: ceilings, reliance on trivial patterns and on the baseline, of every reader.


rule human:
    input:
        words=words,
        gaze="results/gaze/{group}.h5",
    output:
        ceilings="results/human/{group}/ceilings.csv",
        reliance="results/human/{group}/reliance.csv",
        baseline="results/human/{group}/baseline.csv",
        bootstrap="results/human/{group}/bootstrap.h5",
    log:
        "logs/human/{group}.log",
    benchmark:
        "benchmarks/human/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("human.py"),
        code=code("human.py"),
        seed=CONFIG["seed"],
        draws=CONFIG["bootstrap_draws"],
    shell:
        "{params.script} --corpus {input.words} --gaze {input.gaze} --seed {params.seed} --draws {params.draws} "
        "--ceilings {output.ceilings} --reliance {output.reliance} --baseline {output.baseline} "
        "--bootstrap {output.bootstrap} --log {log}"


# Only for groups whose means somebody released.
rule compare_means:
    input:
        words=words,
        gaze="results/gaze/{group}.h5",
    output:
        "results/human/{group}/means.csv",
    log:
        "logs/compare-means/{group}.log",
    benchmark:
        "benchmarks/compare-means/{group}.tsv"
    wildcard_constraints:
        group=one_of(WITH_MEANS) or "none",
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("compare_means.py"),
        code=code("compare_means.py"),
    shell:
        "{params.script} --corpus {input.words} --gaze {input.gaze} --output {output} --log {log}"
