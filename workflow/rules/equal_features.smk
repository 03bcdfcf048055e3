# Attention and gaze -> results/equal-features/{model}/{group}.csv: every layer on as many heads, or components of them, as
# the model with the fewest heads has; -> results/statistics/equal-features.csv: what size does then.


EQUAL_FEATURES = "<results>/equal-features/{model}/{group}.csv"
EQUAL_FOLDS = "<results>/equal-features/{model}/{group}-folds.csv"
EQUAL_SLOPES = "<results>/statistics/equal-features.csv"
EQUALLED = EXPERIMENT.whole_models if CONFIG["equal_features"] else []


rule equal_features:
    input:
        words=words,
        gaze=GAZE,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
        # The first block of each model says how many heads it has.
        compared=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=EQUALLED,
            condition=PLAIN,
            first="0",
        ),
    output:
        table=EQUAL_FEATURES,
        folds=EQUAL_FOLDS,
    log:
        "<logs>/equal-features/{model}/{group}.log",
    benchmark:
        "<benchmarks>/equal-features/{model}/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/equal_features.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/equal_features.py")


rule equal_features_slopes:
    input:
        folds=every(FOLDS, model=EXPERIMENT.scaling_law),
        equal=every(EQUAL_FOLDS, model=EXPERIMENT.scaling_law),
        best_layer=BEST_LAYER,
        loss=every(LOSS, corpus=TEXTS),
    output:
        table=EQUAL_SLOPES,
    log:
        "<logs>/statistics/equal-features.log",
    benchmark:
        "<benchmarks>/statistics/equal-features.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/equal_features.py"),
        order=in_order("equal_features_slopes"),
        scaling_law=EXPERIMENT.scaling_law,
        families=as_json(EXPERIMENT.families),
        seed=CONFIG["seed"],
    shell:
        call("statistics/equal_features.py")


TARGETS["measures"] += every(EQUAL_FEATURES, model=EQUALLED)
TARGETS["statistics"] += [EQUAL_SLOPES] if EQUALLED and EXPERIMENT.scaling_law else []
