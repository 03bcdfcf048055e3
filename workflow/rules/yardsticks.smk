# Gaze -> results/yardsticks/{group}.csv: attention without a model (recency, uniform), scored as a model's layer is.


YARDSTICKS = "<results>/yardsticks/{group}.csv"


rule yardsticks:
    input:
        words=words,
        gaze=GAZE,
    output:
        table=YARDSTICKS,
    log:
        "<logs>/yardsticks/{group}.log",
    benchmark:
        "<benchmarks>/yardsticks/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/yardsticks.py"),
        seed=CONFIG["seed"],
    shell:
        call("measures/yardsticks.py")


TARGETS["measures"] += every(YARDSTICKS)
