# Tables -> results/figures/figure-*.{pdf,png,csv}, numbered as in the paper where it has the figure; those of our own
# start at 17. A figure of a corpus carries the corpus's name.

FIGURE_1 = "figure-01-saccades-{corpus}"
FIGURE_2 = "figure-02-divergence-scaling-{corpus}"
FIGURE_3 = "figure-03-divergence-tuning-{corpus}"
FIGURE_4 = "figure-04-sensitivity-{corpus}"
FIGURE_6 = "figure-06-resemblance-layers-{corpus}"
FIGURE_7 = "figure-07-resemblance-size"
FIGURE_17 = "figure-17-controls-{corpus}"
FIGURE_18 = "figure-18-patterns-{corpus}"
FIGURE_19 = "figure-19-transfer"
# Figures of readers show saccades; brain regions have their own.
WITH_SACCADES = EXPERIMENT.saccade_groups


rule figure_saccades:
    input:
        words="results/corpus/{corpus}/words.tsv",
        gaze=lambda w: every(GAZE, corpus=w.corpus, group=WITH_SACCADES),
        attention=lambda w: every(
            ATTENTION, corpus=w.corpus, model=EXPERIMENT.shown_model
        ),
        best_layer=BEST_LAYER,
    output:
        **drawn(FIGURE_1, "Readers"),
    log:
        f"logs/figures/{FIGURE_1}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_1}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/saccades.py"),
        order=in_order("figure_saccades"),
        style=as_json(STYLE),
        sentence=CONFIG["figures"].get("sentence", "").split(),
    shell:
        call("figures/saccades.py")


rule figure_divergence_scaling:
    input:
        compared=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="scaling"),
        reference=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="reference"),
    output:
        **drawn(FIGURE_2, "Divergence"),
    log:
        f"logs/figures/{FIGURE_2}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_2}.tsv"
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
        f"logs/figures/{FIGURE_3}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_3}.tsv"
    params:
        order=in_order("figure_divergence_tuning"),
        comparison="tuning",


rule figure_sensitivity:
    input:
        sensitivity=lambda w: every(SENSITIVITY, corpus=w.corpus, model=PREFIXED),
        reference=lambda w: every(DIVERGENCE, corpus=w.corpus, comparison="reference"),
    output:
        **drawn(FIGURE_4, "Divergence"),
    log:
        f"logs/figures/{FIGURE_4}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_4}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/sensitivity.py"),
        order=in_order("figure_sensitivity"),
        style=as_json(STYLE),
    shell:
        call("figures/sensitivity.py")


rule figure_resemblance_layers:
    input:
        resemblance=lambda w: every(RESEMBLANCE, corpus=w.corpus, group=WITH_SACCADES),
        ceilings=lambda w: every(CEILINGS, corpus=w.corpus, group=WITH_SACCADES),
    output:
        **drawn(FIGURE_6, "Resemblance"),
    log:
        f"logs/figures/{FIGURE_6}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_6}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/resemblance_layers.py"),
        order=in_order("figure_resemblance_layers"),
        style=as_json(STYLE),
    shell:
        call("figures/resemblance_layers.py")


rule figure_resemblance_size:
    input:
        scaling_law=SCALING_LAW,
    output:
        **drawn(FIGURE_7, "Resemblance"),
    log:
        f"logs/figures/{FIGURE_7}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_7}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/resemblance_size.py"),
        style=as_json(STYLE),
    shell:
        call("figures/resemblance_size.py")


rule figure_controls:
    input:
        resemblance=lambda w: every(RESEMBLANCE, corpus=w.corpus, group=WITH_SACCADES),
        baseline=lambda w: every(READER_BASELINE, corpus=w.corpus, group=WITH_SACCADES),
        ceilings=lambda w: every(CEILINGS, corpus=w.corpus, group=WITH_SACCADES),
    output:
        **drawn(FIGURE_17, "Resemblance"),
    log:
        f"logs/figures/{FIGURE_17}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_17}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/controls.py"),
        order=in_order("figure_controls"),
        style=as_json(STYLE),
    shell:
        call("figures/controls.py")


rule figure_patterns:
    input:
        reliance=lambda w: every(RELIANCE, corpus=w.corpus),
    output:
        **drawn(FIGURE_18, "Reliance"),
    log:
        f"logs/figures/{FIGURE_18}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_18}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/patterns.py"),
        order=in_order("figure_patterns"),
        style=as_json(STYLE),
    shell:
        call("figures/patterns.py")


rule figure_transfer:
    input:
        transfer=TRANSFER,
    output:
        **drawn(FIGURE_19, "Resemblance"),
    log:
        f"logs/figures/{FIGURE_19}.log",
    benchmark:
        f"benchmarks/figures/{FIGURE_19}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/transfer.py"),
        style=as_json(STYLE),
    shell:
        call("figures/transfer.py")


TARGETS["figures"] += [
    *(
        figure_files(FIGURE_1, corpus=EXPERIMENT.read_corpora)
        if EXPERIMENT.shown_model
        else []
    ),
    *(figure_files(FIGURE_2, corpus=TEXTS) if EXPERIMENT.compared("scaling") else []),
    *(figure_files(FIGURE_3, corpus=TEXTS) if EXPERIMENT.compared("tuning") else []),
    *(figure_files(FIGURE_4, corpus=TEXTS) if PREFIXED else []),
    *figure_files(FIGURE_6, corpus=EXPERIMENT.read_corpora),
    *(figure_files(FIGURE_7) if EXPERIMENT.scaling_law else []),
    *figure_files(FIGURE_17, corpus=EXPERIMENT.read_corpora),
    *figure_files(FIGURE_18, corpus=TEXTS),
    *(figure_files(FIGURE_19) if COMPARES_GROUPS else []),
]
