# A model's tables -> results/overview/{model}.csv: all its measures at a glance. On a cluster it also holds a model's
# measures together: they are one job, in which they run side by side. Included after every file that adds to them.

OVERVIEW = "<results>/overview/{model}.csv"


rule overview:
    input:
        measures=lambda w: MEASURES_OF[w.model],
    output:
        table=OVERVIEW,
    log:
        "<logs>/overview/{model}.log",
    benchmark:
        "<benchmarks>/overview/{model}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/overview.py"),
        order=in_order("overview"),
        model="{model}",
        results=lambda w: EXPERIMENT.results,
    shell:
        call("measures/overview.py")


TARGETS["measures"] += [file for model in MODELS for file in MEASURES_OF[model]]
TARGETS["measures"] += every(OVERVIEW)
