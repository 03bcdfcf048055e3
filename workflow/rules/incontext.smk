# The configuration alone -> results/incontext/: in-context learning and size in two settings that can be solved, by
# formula and by drawn prompts, and, where the configuration trains, by trained layers and heads (docs/in-context.md).

RISK = "<results>/incontext/regression-risk.csv"
CROSSINGS = "<results>/incontext/regression-crossings.csv"
SHRINKAGE = "<results>/incontext/regression-shrinkage.csv"
DESCENT = "<results>/incontext/regression-descent.csv"
MARGINS = "<results>/incontext/parity-margins.csv"
ACCURACY = "<results>/incontext/parity-accuracy.csv"
ORDER = "<results>/incontext/parity-order.csv"
TRAINED_REGRESSION = "<results>/incontext/trained-regression.csv"
TRAINED_PARITY = "<results>/incontext/trained-parity-{z}.csv"
TRAINED_WEIGHT = "<results>/incontext/trained-weight-{z}.csv"
INCONTEXT = CONFIG["incontext"]
SOLVED = {
    name: INCONTEXT[name] for name in ("regression", "parity") if name in INCONTEXT
}
TRAINED = [name for name, settings in SOLVED.items() if "training" in settings]
OF_TRAINED = {
    "regression": [TRAINED_REGRESSION] if "regression" in TRAINED else [],
    "parity": (
        expand(TRAINED_PARITY, z=["finite", "exact"]) if "parity" in TRAINED else []
    ),
    "weight": (
        expand(TRAINED_WEIGHT, z=["finite", "exact"]) if "parity" in TRAINED else []
    ),
}


wildcard_constraints:
    z="finite|exact",


rule incontext_regression:
    output:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        descent=DESCENT,
    log:
        "<logs>/incontext/regression.log",
    benchmark:
        "<benchmarks>/incontext/regression.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/regression.py"),
        settings=as_json(
            {k: v for k, v in SOLVED.get("regression", {}).items() if k != "training"}
        ),
        seed=CONFIG["seed"],
    shell:
        call("incontext/regression.py")


rule incontext_parity:
    output:
        margin=MARGINS,
        accuracy=ACCURACY,
        turning=ORDER,
    log:
        "<logs>/incontext/parity.log",
    benchmark:
        "<benchmarks>/incontext/parity.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/parity.py"),
        settings=as_json(
            {k: v for k, v in SOLVED.get("parity", {}).items() if k != "training"}
        ),
        seed=CONFIG["seed"],
    shell:
        call("incontext/parity.py")


rule incontext_train_regression:
    output:
        table=TRAINED_REGRESSION,
    log:
        "<logs>/incontext/train-regression.log",
    benchmark:
        "<benchmarks>/incontext/train-regression.tsv"
    conda:
        "../../envs/attention.yaml"
    params:
        code=code("incontext/train_regression.py"),
        settings=as_json(SOLVED.get("regression", {})),
        seed=CONFIG["seed"],
    shell:
        call("incontext/train_regression.py")


rule incontext_train_parity:
    output:
        accuracy=TRAINED_PARITY,
        weight=TRAINED_WEIGHT,
    log:
        "<logs>/incontext/train-parity-{z}.log",
    benchmark:
        "<benchmarks>/incontext/train-parity-{z}.tsv"
    conda:
        "../../envs/attention.yaml"
    params:
        code=code("incontext/train_parity.py"),
        settings=as_json(SOLVED.get("parity", {})),
        z=lambda w: w.z,
        seed=CONFIG["seed"],
    shell:
        call("incontext/train_parity.py")


OF_REGRESSION = [RISK, CROSSINGS, SHRINKAGE, DESCENT] if "regression" in SOLVED else []
OF_PARITY = [MARGINS, ACCURACY, ORDER] if "parity" in SOLVED else []
TARGETS["measures"] += OF_REGRESSION + OF_PARITY
TARGETS["measures"] += [file for files in OF_TRAINED.values() for file in files]
