# The published numbers beside those computed here: the authors' released results through this project's own tests and
# normalisation -> results/tables/reproduction.*, results/reproduction.md and a figure.

from readalike.reproduction.workbooks import RELEASED_SCORES, WORKBOOKS

REPRODUCED = CONFIG.get("reproduction", {})
RELEASED = EXPERIMENT.located(REPRODUCED.get("path", "released"))
REPRODUCTION = table_files("reproduction")
LAYER_LISTS = "results/tables/published-significance.csv"
REPORT = "results/reproduction.md"
FIGURE_REPRODUCTION = "figure-reproduction"


rule published_significance:
    input:
        workbooks=lambda w: [f"{RELEASED}/divergence/{name}" for name in WORKBOOKS],
    output:
        tests="results/statistics/published-significance.csv",
        lists=LAYER_LISTS,
    log:
        "logs/reproduction/significance.log",
    benchmark:
        "benchmarks/reproduction/significance.tsv"
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
        "logs/reproduction/values.log",
    benchmark:
        "benchmarks/reproduction/values.tsv"
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
        words=lambda w: f"results/corpus/{EXPERIMENT.corpus_of(REPRODUCED['groups']['L1'])}/words.tsv",
        attention=lambda w: [
            every(
                ATTENTION,
                corpus=EXPERIMENT.corpus_of(REPRODUCED["groups"]["L1"]),
                model=model,
            )[0]
            for model in REPRODUCED["models"].values()
        ],
    output:
        text=REPORT,
    log:
        "logs/reproduction/report.log",
    benchmark:
        "benchmarks/reproduction/report.tsv"
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
        f"logs/figures/{FIGURE_REPRODUCTION}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_REPRODUCTION}.tsv"
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


if REPRODUCED:
    TARGETS["tables"] += REPRODUCTION.values()
    TARGETS["figures"] += figure_files(FIGURE_REPRODUCTION)
    TARGETS["reports"] += [REPORT]
