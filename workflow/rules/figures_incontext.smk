# Tables of in-context learning -> results/figures/figure-23-* to figure-30-*.

FIGURE_23 = "figure-23-noise-and-rank"
FIGURE_24 = "figure-24-best-rank"
FIGURE_25 = "figure-25-shrinkage"
FIGURE_26 = "figure-26-risk-and-length"
FIGURE_27 = "figure-27-parity-accuracy"
FIGURE_28 = "figure-28-parity-order"
FIGURE_29 = "figure-29-trained-parity"
FIGURE_30 = "figure-30-trained-weight"


rule figure_noise_and_rank:
    input:
        risk=RISK,
        crossing=CROSSINGS,
        kept=SHRINKAGE,
        trained=[],
    output:
        **drawn(FIGURE_23, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_23}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_23}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_noise_and_rank"),
        which="noise",
        examples=as_json(SOLVED.get("regression", {}).get("examples", 0)),
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
        **drawn(FIGURE_24, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_24}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_24}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_best_rank"),
        which="rank",
        examples=as_json(SOLVED.get("regression", {}).get("examples", 0)),
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
        **drawn(FIGURE_25, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_25}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_25}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_shrinkage"),
        which="shrinkage",
        examples=as_json(SOLVED.get("regression", {}).get("examples", 0)),
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
        **drawn(FIGURE_26, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_26}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_26}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_regression.py"),
        order=in_order("figure_risk_and_length"),
        which="length",
        examples=as_json(SOLVED.get("regression", {}).get("examples", 0)),
        style=as_json(STYLE),
    shell:
        call("figures/incontext_regression.py")


rule figure_parity_accuracy:
    input:
        accuracy=ACCURACY,
        turning=ORDER,
    output:
        **drawn(FIGURE_27, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_27}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_27}.tsv"
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
        **drawn(FIGURE_28, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_28}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_28}.tsv"
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
        **drawn(FIGURE_29, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_29}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_29}.tsv"
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
        **drawn(FIGURE_30, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_30}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_30}.tsv"
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


STEMS_INCONTEXT = [
    *([FIGURE_23, FIGURE_24, FIGURE_25, FIGURE_26] if "regression" in SOLVED else []),
    *([FIGURE_27, FIGURE_28] if "parity" in SOLVED else []),
    *([FIGURE_29, FIGURE_30] if "parity" in TRAINED else []),
]
FIGURES_INCONTEXT = [file for stem in STEMS_INCONTEXT for file in figure_files(stem)]
TARGETS["figures"] += FIGURES_INCONTEXT
