# Tables of in-context learning -> results/figures/figure-21-* to figure-28-*.

FIGURE_21 = "figure-21-noise-and-rank"
FIGURE_22 = "figure-22-best-rank"
FIGURE_23 = "figure-23-shrinkage"
FIGURE_24 = "figure-24-risk-and-length"
FIGURE_25 = "figure-25-parity-accuracy"
FIGURE_26 = "figure-26-parity-order"
FIGURE_27 = "figure-27-trained-parity"
FIGURE_28 = "figure-28-trained-weight"


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
        examples=as_json(SOLVED.get("regression", {}).get("examples", 0)),
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


STEMS_INCONTEXT = [
    *([FIGURE_21, FIGURE_22, FIGURE_23, FIGURE_24] if "regression" in SOLVED else []),
    *([FIGURE_25, FIGURE_26] if "parity" in SOLVED else []),
    *([FIGURE_27, FIGURE_28] if "parity" in TRAINED else []),
]
FIGURES_INCONTEXT = [file for stem in STEMS_INCONTEXT for file in figure_files(stem)]
TARGETS["figures"] += FIGURES_INCONTEXT
# Alone, without the attention of any model: `snakemake incontext`.
OF_INCONTEXT = [
    *OF_REGRESSION,
    *OF_PARITY,
    *[file for files in OF_TRAINED.values() for file in files],
    *FIGURES_INCONTEXT,
    *([VERDICT] if SOLVED else []),
]
