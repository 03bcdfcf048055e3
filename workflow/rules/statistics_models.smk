# Models side by side: best layers, size, where conclusions transfer -> results/statistics/*.csv.

BEST_LAYER = TESTS.format(name="best-layer")
SCALING_LAW = TESTS.format(name="scaling-law")
SLOPES = TESTS.format(name="scaling-slopes")
TRANSFER = TESTS.format(name="transfer")
WHOLE = EXPERIMENT.whole_models
LEARNED = [model for model in WHOLE if model in EXPERIMENT.trained]


rule best_layer:
    input:
        resemblance=every(RESEMBLANCE, model=WHOLE),
        folds=every(FOLDS, model=WHOLE),
        ceilings=every(CEILINGS),
    output:
        table=BEST_LAYER,
    log:
        "<logs>/statistics/best-layer.log",
    benchmark:
        "<benchmarks>/statistics/best-layer.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/best_layer.py"),
        order=in_order("best_layer"),
    shell:
        call("statistics/best_layer.py")


rule correlations:
    input:
        best_layer=BEST_LAYER,
        loss=every(LOSS, corpus=TEXTS),
    output:
        table="<results>/statistics/correlations.csv",
    log:
        "<logs>/statistics/correlations.log",
    benchmark:
        "<benchmarks>/statistics/correlations.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/correlations.py"),
        order=in_order("correlations"),
        scaling_law=EXPERIMENT.scaling_law,
        corpora=as_json({group: EXPERIMENT.corpus_of(group) for group in GROUPS}),
        # The reference pair is of two models that count as one; what is untrained has the loss of a guess.
        left_out=as_json(
            [
                *(b for _, b in EXPERIMENT.compared("reference")),
                *EXPERIMENT.untrained,
            ]
        ),
        seed=CONFIG["seed"],
    shell:
        call("statistics/correlations.py")


rule scaling_law:
    input:
        best_layer=BEST_LAYER,
        loss=every(LOSS, corpus=TEXTS),
    output:
        table=SCALING_LAW,
        by_family=SLOPES,
    log:
        "<logs>/statistics/scaling-law.log",
    benchmark:
        "<benchmarks>/statistics/scaling-law.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/scaling_law.py"),
        order=in_order("scaling_law"),
        scaling_law=EXPERIMENT.scaling_law,
        families=as_json(EXPERIMENT.families),
        seed=CONFIG["seed"],
    shell:
        call("statistics/scaling_law.py")


# Every claim where it can be compared: with two groups of readers or more.
rule transfer:
    input:
        resemblance=every(RESEMBLANCE, model=LEARNED, group=EXPERIMENT.saccade_groups),
        best_layer=BEST_LAYER,
        slopes=[SLOPES] if EXPERIMENT.scaling_law else [],
        heads=every(HEADS, model=LEARNED, group=EXPERIMENT.saccade_groups),
    output:
        table=TRANSFER,
    log:
        "<logs>/statistics/transfer.log",
    benchmark:
        "<benchmarks>/statistics/transfer.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/transfer.py"),
        signal=CONFIG["signal"],
        order=in_order("transfer"),
        corpora=as_json(
            {group: EXPERIMENT.corpus_of(group) for group in EXPERIMENT.saccade_groups}
        ),
        layers=as_json({model: EXPERIMENT.layers[model] for model in LEARNED}),
    shell:
        call("statistics/transfer.py")


# What the configuration has observations for.
COMPARES_GROUPS = LEARNED and len(EXPERIMENT.saccade_groups) > 1
TARGETS["statistics"] += [
    *([TRANSFER] if COMPARES_GROUPS else []),
    *([BEST_LAYER] if WHOLE else []),
    *(
        expand(TESTS, name=["correlations", "scaling-law", "scaling-slopes"])
        if EXPERIMENT.scaling_law
        else []
    ),
]
