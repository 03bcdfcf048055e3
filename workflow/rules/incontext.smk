# The configuration alone -> results/incontext/: in-context learning and size in two settings that can be solved, by
# formula and by drawn prompts, and, where the configuration trains, by trained layers and heads (docs/in-context.md).

RISK = "results/incontext/regression-risk.csv"
CROSSINGS = "results/incontext/regression-crossings.csv"
SHRINKAGE = "results/incontext/regression-shrinkage.csv"
DESCENT = "results/incontext/regression-descent.csv"
MARGINS = "results/incontext/parity-margins.csv"
ACCURACY = "results/incontext/parity-accuracy.csv"
ORDER = "results/incontext/parity-order.csv"
TRAINED_REGRESSION = "results/incontext/trained-regression.csv"
TRAINED_PARITY = "results/incontext/trained-parity-{z}.csv"
TRAINED_WEIGHT = "results/incontext/trained-weight-{z}.csv"
VERDICT = "results/incontext/verdict.txt"
FIGURE_21 = "figure-21-noise-and-rank"
FIGURE_22 = "figure-22-best-rank"
FIGURE_23 = "figure-23-shrinkage"
FIGURE_24 = "figure-24-risk-and-length"
FIGURE_25 = "figure-25-parity-accuracy"
FIGURE_26 = "figure-26-parity-order"
FIGURE_27 = "figure-27-trained-parity"
FIGURE_28 = "figure-28-trained-weight"
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
        "logs/incontext/regression.log",
    benchmark:
        "benchmarks/incontext/regression.tsv"
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
        "logs/incontext/parity.log",
    benchmark:
        "benchmarks/incontext/parity.tsv"
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
        "logs/incontext/train-regression.log",
    benchmark:
        "benchmarks/incontext/train-regression.tsv"
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
        "logs/incontext/train-parity-{z}.log",
    benchmark:
        "benchmarks/incontext/train-parity-{z}.tsv"
    conda:
        "../../envs/attention.yaml"
    params:
        code=code("incontext/train_parity.py"),
        settings=as_json(SOLVED.get("parity", {})),
        z="{z}",
        seed=CONFIG["seed"],
    shell:
        call("incontext/train_parity.py")


rule figure_noise_and_rank:
    input:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        trained=[],
    output:
        **drawn(FIGURE_21, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_21}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_21}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_noise_and_rank"),
        which="noise",
        examples=SOLVED.get("regression", {}).get("examples", 0),
        style=as_json(STYLE),
    shell:
        call("figures/incontext_regression.py")


rule figure_best_rank:
    input:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        trained=[],
    output:
        **drawn(FIGURE_22, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_22}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_22}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_best_rank"),
        which="rank",
        examples=SOLVED.get("regression", {}).get("examples", 0),
        style=as_json(STYLE),
    shell:
        call("figures/incontext_regression.py")


rule figure_shrinkage:
    input:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        trained=OF_TRAINED["regression"],
    output:
        **drawn(FIGURE_23, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_23}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_23}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_shrinkage"),
        which="shrinkage",
        examples=SOLVED.get("regression", {}).get("examples", 0),
        style=as_json(STYLE),
    shell:
        call("figures/incontext_regression.py")


rule figure_risk_and_length:
    input:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        trained=[],
    output:
        **drawn(FIGURE_24, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_24}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_24}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_risk_and_length"),
        which="length",
        examples=SOLVED.get("regression", {}).get("examples", 0),
        style=as_json(STYLE),
    shell:
        call("figures/incontext_regression.py")


rule figure_parity_accuracy:
    input:
        accuracy=ACCURACY,
        turning=ORDER,
    output:
        **drawn(FIGURE_25, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_25}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_25}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_parity.py"),
        order=in_order("figure_parity_accuracy"),
        which="accuracy",
        style=as_json(STYLE),
    shell:
        call("figures/incontext_parity.py")


rule figure_parity_order:
    input:
        accuracy=ACCURACY,
        turning=ORDER,
    output:
        **drawn(FIGURE_26, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_26}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_26}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_parity.py"),
        order=in_order("figure_parity_order"),
        which="order",
        style=as_json(STYLE),
    shell:
        call("figures/incontext_parity.py")


rule figure_trained_parity:
    input:
        accuracy=OF_TRAINED["parity"],
        weight=OF_TRAINED["weight"],
    output:
        **drawn(FIGURE_27, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_27}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_27}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_trained.py"),
        order=in_order("figure_trained_parity"),
        which="accuracy",
        style=as_json(STYLE),
    shell:
        call("figures/incontext_trained.py")


rule figure_trained_weight:
    input:
        accuracy=OF_TRAINED["parity"],
        weight=OF_TRAINED["weight"],
    output:
        **drawn(FIGURE_28, "In-context learning"),
    log:
        f"logs/figures/{FIGURE_28}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_28}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_trained.py"),
        order=in_order("figure_trained_weight"),
        which="weight",
        style=as_json(STYLE),
    shell:
        call("figures/incontext_trained.py")


rule incontext_verdict:
    input:
        risk=[RISK] if "regression" in SOLVED else [],
        crossing=[CROSSINGS] if "regression" in SOLVED else [],
        accuracy=[ACCURACY] if "parity" in SOLVED else [],
        turning=[ORDER] if "parity" in SOLVED else [],
        margin=[MARGINS] if "parity" in SOLVED else [],
        layers=OF_TRAINED["regression"],
        heads=OF_TRAINED["parity"],
        weight=OF_TRAINED["weight"],
    output:
        verdict=VERDICT,
    log:
        "logs/incontext/verdict.log",
    benchmark:
        "benchmarks/incontext/verdict.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/verdict.py"),
        order=in_order("incontext_verdict"),
        covered=SOLVED.get("parity", {}).get("covered", 0),
    shell:
        call("incontext/verdict.py")


OF_REGRESSION = [RISK, CROSSINGS, SHRINKAGE, DESCENT] if "regression" in SOLVED else []
OF_PARITY = [MARGINS, ACCURACY, ORDER] if "parity" in SOLVED else []
STEMS_INCONTEXT = [
    *([FIGURE_21, FIGURE_22, FIGURE_23, FIGURE_24] if "regression" in SOLVED else []),
    *([FIGURE_25, FIGURE_26] if "parity" in SOLVED else []),
    *([FIGURE_27, FIGURE_28] if "parity" in TRAINED else []),
]
FIGURES_INCONTEXT = [file for stem in STEMS_INCONTEXT for file in figure_files(stem)]
TARGETS["measures"] += OF_REGRESSION + OF_PARITY
TARGETS["measures"] += [file for files in OF_TRAINED.values() for file in files]
TARGETS["figures"] += FIGURES_INCONTEXT
TARGETS["reports"] += [VERDICT] if SOLVED else []
# Alone, without the attention of any model: `snakemake incontext`.
OF_INCONTEXT = [
    *OF_REGRESSION,
    *OF_PARITY,
    *[file for files in OF_TRAINED.values() for file in files],
    *FIGURES_INCONTEXT,
    *([VERDICT] if SOLVED else []),
]
