# Tables of models -> results/figures/figure-*.{pdf,png,csv}: divergence, sensitivity, reliance. Figures are numbered as in
# the paper where it has them; those of our own start at 17. A figure of a corpus carries the corpus's name.

from readalike.conditions import NOISE, PLAIN

FIGURE_2 = "figure-02-divergence-scaling-{corpus}"
FIGURE_3 = "figure-03-divergence-tuning-{corpus}"
FIGURE_4 = "figure-04-sensitivity-{corpus}"
FIGURE_8 = "figure-08-reliance-scaling-{corpus}"
FIGURE_9 = "figure-09-reliance-tuning-{corpus}"
FIGURE_10 = "figure-10-noise-{corpus}"
FIGURE_11 = "figure-11-reliance-layers-{corpus}"
FIGURE_18 = "figure-18-patterns-{corpus}"
# The paper's condition of words without meaning stands apart from instructions.
CONDITIONS_OF_MODELS = dict.fromkeys(
    condition for model in PREFIXED for condition in EXPERIMENT.conditions_of(model)
)
INSTRUCTIONS = [name for name in CONDITIONS_OF_MODELS if name not in (PLAIN, NOISE)]
SENSITIVITY_TESTS = [
    file
    for file in TARGETS["statistics"]
    if file in expand(TESTS, name=["sensitivity", "sensitivity-tuning"])
]


rule figure_divergence_scaling:
    input:
        compared=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="scaling"),
        reference=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="reference"),
    output:
        **drawn(FIGURE_2, "Divergence"),
    log:
        f"<logs>/figures/{FIGURE_2}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_2}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/divergence.py"),
        order=in_order("figure_divergence_scaling"),
        style=as_json(STYLE),
        comparison="scaling",
    shell:
        call("figures/divergence.py")


use rule figure_divergence_scaling as figure_divergence_tuning with:
    input:
        compared=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="tuning"),
        reference=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="reference"),
    output:
        **drawn(FIGURE_3, "Divergence"),
    log:
        f"<logs>/figures/{FIGURE_3}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_3}.tsv"
    params:
        order=in_order("figure_divergence_tuning"),
        comparison="tuning",


rule figure_sensitivity:
    input:
        sensitivity=lambda w: every(SENSITIVITY, corpus=w.corpus, model=PREFIXED),
        reference=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="reference"),
        tests=SENSITIVITY_TESTS,
    output:
        **drawn(FIGURE_4, "Divergence"),
    log:
        f"<logs>/figures/{FIGURE_4}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_4}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/sensitivity.py"),
        order=in_order("figure_sensitivity"),
        corpus_name="{corpus}",
        conditions=lambda w: INSTRUCTIONS,
        style=as_json(STYLE),
    shell:
        call("figures/sensitivity.py")


use rule figure_sensitivity as figure_noise with:
    output:
        **drawn(FIGURE_10, "Divergence"),
    log:
        f"<logs>/figures/{FIGURE_10}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_10}.tsv"
    params:
        order=in_order("figure_noise"),
        conditions=lambda w: [NOISE],


rule figure_reliance_scaling:
    input:
        change=RELIANCE_CHANGE,
    output:
        **drawn(FIGURE_8, "Reliance"),
    log:
        f"<logs>/figures/{FIGURE_8}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_8}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/reliance_change.py"),
        corpus_name="{corpus}",
        comparison="scaling",
        style=as_json(STYLE),
    shell:
        call("figures/reliance_change.py")


use rule figure_reliance_scaling as figure_reliance_tuning with:
    output:
        **drawn(FIGURE_9, "Reliance"),
    log:
        f"<logs>/figures/{FIGURE_9}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_9}.tsv"
    params:
        comparison="tuning",


rule figure_reliance_layers:
    input:
        reliance=lambda w: every(RELIANCE, corpus=w.corpus),
    output:
        **drawn(FIGURE_11, "Reliance"),
    log:
        f"<logs>/figures/{FIGURE_11}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_11}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/reliance_layers.py"),
        order=in_order("figure_reliance_layers"),
        style=as_json(STYLE),
    shell:
        call("figures/reliance_layers.py")


rule figure_patterns:
    input:
        reliance=lambda w: every(RELIANCE, corpus=w.corpus),
    output:
        **drawn(FIGURE_18, "Reliance"),
    log:
        f"<logs>/figures/{FIGURE_18}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_18}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/patterns.py"),
        order=in_order("figure_patterns"),
        kind=CONFIG["attention"],
        style=as_json(STYLE),
    shell:
        call("figures/patterns.py")


TARGETS["figures"] += [
    *(figure_files(FIGURE_2, corpus=TEXTS) if EXPERIMENT.compared("scaling") else []),
    *(figure_files(FIGURE_3, corpus=TEXTS) if EXPERIMENT.compared("tuning") else []),
    *(figure_files(FIGURE_4, corpus=TEXTS) if INSTRUCTIONS else []),
    *(figure_files(FIGURE_8, corpus=TEXTS) if EXPERIMENT.compared("scaling") else []),
    *(figure_files(FIGURE_9, corpus=TEXTS) if EXPERIMENT.compared("tuning") else []),
    *(figure_files(FIGURE_10, corpus=TEXTS) if NOISE in CONDITIONS_OF_MODELS else []),
    *figure_files(FIGURE_11, corpus=TEXTS),
    *figure_files(FIGURE_18, corpus=TEXTS),
]
