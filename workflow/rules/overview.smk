# A model's tables -> results/overview/{model}.csv: all its measures at a glance. On a cluster it also holds a model's
# measures together: they are one job, in which they run side by side.


rule overview:
    input:
        resemblance=lambda w: resemblance_of(w.model),
        thinned=lambda w: thinned_of(w.model),
        reliance=lambda w: by_corpus("reliance", models=[w.model]),
        loss=lambda w: by_corpus("loss", models=[w.model]),
        sensitivity=lambda w: sensitivities([w.model]),
    output:
        "results/overview/{model}.csv",
    log:
        "logs/overview/{model}.log",
    benchmark:
        "benchmarks/overview/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("overview.py"),
        code=code("overview.py"),
    shell:
        "{params.script} --model {wildcards.model} --resemblance {input.resemblance} --thinned {input.thinned} "
        "--reliance {input.reliance} --loss {input.loss} --sensitivity {input.sensitivity} "
        "--output {output} --log {log}"
