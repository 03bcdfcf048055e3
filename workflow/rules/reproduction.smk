# The published numbers beside those computed here: the authors' released results through this project's own tests and
# normalisation -> results/tables/reproduction.*, results/reproduction.md and a figure.

from readalike.reproduction.workbooks import RELEASED_SCORES, WORKBOOKS

REPRODUCED = CONFIG.get("reproduction", {})
RELEASED = EXPERIMENT.located(REPRODUCED.get("path", "released"))
REPRODUCTION = table_files("reproduction")
LAYER_LISTS = "<results>/tables/published-significance.csv"
REPORT = "<results>/reproduction.md"
FIGURE_REPRODUCTION = "figure-reproduction"
# The paper's figures, drawn as those of a run are; Figure 6 is drawn from the attention that they released.
PUBLISHED_2 = "figure-published-02-divergence-scaling"
PUBLISHED_3 = "figure-published-03-divergence-tuning"
PUBLISHED_4 = "figure-published-04-sensitivity"
PUBLISHED_5 = "figure-published-05-loss"
PUBLISHED_7 = "figure-published-07-size"
PUBLISHED_10 = "figure-published-10-noise"


rule published_significance:
    input:
        workbooks=lambda w: [f"{RELEASED}/divergence/{name}" for name in WORKBOOKS],
    output:
        tests="<results>/statistics/published-significance.csv",
        lists=LAYER_LISTS,
    log:
        "<logs>/reproduction/significance.log",
    benchmark:
        "<benchmarks>/reproduction/significance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        **DRAWS,
        code=code("reproduction/published_significance.py"),
        divergences=lambda w: f"{RELEASED}/divergence",
    shell:
        call("reproduction/published_significance.py", divergences="params")


rule reproduction:
    input:
        published=EXPERIMENT.located("resources/published-values.csv"),
        released=lambda w: [
            f"{RELEASED}/lr_scores_reading_brain/{name}" for name in RELEASED_SCORES
        ],
        resemblance=every(RESEMBLANCE),
        ceilings=every(CEILINGS),
        reliance=every(READER_RELIANCE),
        reliance_tests=RELIANCE_TESTS,
    output:
        **REPRODUCTION,
    log:
        "<logs>/reproduction/values.log",
    benchmark:
        "<benchmarks>/reproduction/values.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("reproduction/values.py"),
        order=in_order("reproduction"),
        scores=lambda w: f"{RELEASED}/lr_scores_reading_brain",
        models=as_json(REPRODUCED.get("models", {})),
        groups=as_json(REPRODUCED.get("groups", {})),
        regions=as_json(REPRODUCED.get("regions", {})),
        layers=as_json(EXPERIMENT.layers),
    shell:
        call("reproduction/values.py", scores="params")


rule reproduction_report:
    input:
        values=REPRODUCTION["csv"],
        lists=LAYER_LISTS,
        group_tests=GROUP_TESTS,
        regions=FMRI_TABLE["csv"],
        words=lambda w: f"<results>/corpus/{EXPERIMENT.corpus_of(REPRODUCED['groups']['L1'])}/words.tsv",
        attention=lambda w: [
            every(
                ATTENTION,
                corpus=EXPERIMENT.corpus_of(REPRODUCED["groups"]["L1"]),
                model=model,
                condition=PLAIN,
            )[0]
            for model in REPRODUCED["models"].values()
        ],
    output:
        text=REPORT,
    log:
        "<logs>/reproduction/report.log",
    benchmark:
        "<benchmarks>/reproduction/report.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("reproduction/report.py"),
        order=in_order("reproduction_report"),
    shell:
        call("reproduction/report.py")


rule figure_reproduction:
    input:
        values=REPRODUCTION["csv"],
    output:
        **drawn(FIGURE_REPRODUCTION, "Reproduction"),
    log:
        f"<logs>/figures/{FIGURE_REPRODUCTION}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_REPRODUCTION}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/reproduction.py"),
        order=in_order("figure_reproduction"),
        style=as_json(STYLE),
    shell:
        call("figures/reproduction.py")


rule figure_published_scaling:
    input:
        workbooks=lambda w: [f"{RELEASED}/divergence/{name}" for name in WORKBOOKS],
    output:
        **drawn(PUBLISHED_2, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_2}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_2}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/published_divergence.py"),
        divergences=lambda w: f"{RELEASED}/divergence",
        comparison="scaling",
        style=as_json(STYLE),
    shell:
        call("figures/published_divergence.py", divergences="params")


use rule figure_published_scaling as figure_published_tuning with:
    output:
        **drawn(PUBLISHED_3, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_3}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_3}.tsv"
    params:
        comparison="tuning",


rule figure_published_sensitivity:
    input:
        workbooks=lambda w: [f"{RELEASED}/divergence/{name}" for name in WORKBOOKS],
        tests="<results>/statistics/published-significance.csv",
    output:
        **drawn(PUBLISHED_4, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_4}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_4}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/published_sensitivity.py"),
        divergences=lambda w: f"{RELEASED}/divergence",
        condition="translate",
        style=as_json(STYLE),
    shell:
        call("figures/published_sensitivity.py", divergences="params")


use rule figure_published_sensitivity as figure_published_noise with:
    output:
        **drawn(PUBLISHED_10, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_10}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_10}.tsv"
    params:
        condition="noise",


rule figure_published_loss:
    input:
        published=EXPERIMENT.located("resources/published-values.csv"),
    output:
        **drawn(PUBLISHED_5, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_5}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_5}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/published_values.py"),
        against="loss",
        style=as_json(STYLE),
    shell:
        call("figures/published_values.py")


use rule figure_published_loss as figure_published_size with:
    output:
        **drawn(PUBLISHED_7, "Reproduction"),
    log:
        f"<logs>/figures/{PUBLISHED_7}.log",
    benchmark:
        f"<benchmarks>/figures/{PUBLISHED_7}.tsv"
    params:
        against="size",


if REPRODUCED:
    TARGETS["tables"] += REPRODUCTION.values()
    TARGETS["figures"] += [
        file
        for stem in (
            *(FIGURE_REPRODUCTION, PUBLISHED_2, PUBLISHED_3, PUBLISHED_4),
            *(PUBLISHED_5, PUBLISHED_7, PUBLISHED_10),
        )
        for file in figure_files(stem)
    ]
    TARGETS["reports"] += [REPORT]
