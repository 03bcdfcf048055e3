# Tables of resemblance -> results/figures/figure-*.{pdf,png,csv}: what attention and readers have in common.

FIGURE_1 = "figure-01-saccades-{corpus}"
FIGURE_5 = "figure-05-loss"
FIGURE_6 = "figure-06-resemblance-layers-{corpus}"
FIGURE_7 = "figure-07-resemblance-size"
FIGURE_17 = "figure-17-controls-{corpus}"
FIGURE_19 = "figure-19-transfer"
FIGURE_35 = "figure-35-all-layers"
# Figures of readers show saccades; brain regions have their own.
WITH_SACCADES = EXPERIMENT.saccade_groups


rule figure_saccades:
    input:
        words="<results>/corpus/{corpus}/words.tsv",
        gaze=lambda w: every(GAZE, corpus=w.corpus, group=WITH_SACCADES),
        attention=lambda w: every(
            ATTENTION,
            corpus=w.corpus,
            model=EXPERIMENT.shown_model,
            condition=PLAIN,
        ),
        best_layer=BEST_LAYER,
    output:
        **drawn(FIGURE_1, "Readers"),
    log:
        f"<logs>/figures/{FIGURE_1}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_1}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/saccades.py"),
        kind=CONFIG["attention"],
        signal=CONFIG["signal"],
        order=in_order("figure_saccades"),
        style=as_json(STYLE),
        sentence=CONFIG["figures"].get("sentence", "").split(),
    shell:
        call("figures/saccades.py")


rule figure_loss:
    input:
        models=LOSS_TABLE["csv"],
    output:
        **drawn(FIGURE_5, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_5}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_5}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/resemblance_loss.py"),
        style=as_json(STYLE),
    shell:
        call("figures/resemblance_loss.py")


rule figure_resemblance_layers:
    input:
        resemblance=lambda w: every(RESEMBLANCE, corpus=w.corpus, group=WITH_SACCADES),
        ceilings=lambda w: every(CEILINGS, corpus=w.corpus, group=WITH_SACCADES),
        loss=every(LOSS, corpus=TEXTS),
    output:
        **drawn(FIGURE_6, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_6}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_6}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/resemblance_layers.py"),
        layers=as_json(EXPERIMENT.layers),
        tuned=EXPERIMENT.tuned,
        untrained=EXPERIMENT.untrained,
        signal=CONFIG["signal"],
        order=in_order("figure_resemblance_layers"),
        style=as_json(STYLE),
    shell:
        call("figures/resemblance_layers.py")


rule figure_resemblance_size:
    input:
        scaling_law=SCALING_LAW,
        correlations=TESTS.format(name="correlations"),
    output:
        **drawn(FIGURE_7, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_7}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_7}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/resemblance_size.py"),
        signal=CONFIG["signal"],
        style=as_json(STYLE),
    shell:
        call("figures/resemblance_size.py")


rule figure_controls:
    input:
        resemblance=lambda w: every(RESEMBLANCE, corpus=w.corpus, group=WITH_SACCADES),
        yardsticks=lambda w: every(YARDSTICKS, corpus=w.corpus, group=WITH_SACCADES),
        baseline=lambda w: every(READER_BASELINE, corpus=w.corpus, group=WITH_SACCADES),
        ceilings=lambda w: every(CEILINGS, corpus=w.corpus, group=WITH_SACCADES),
    output:
        **drawn(FIGURE_17, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_17}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_17}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/controls.py"),
        untrained=EXPERIMENT.untrained,
        signal=CONFIG["signal"],
        order=in_order("figure_controls"),
        style=as_json(STYLE),
    shell:
        call("figures/controls.py")


rule figure_transfer:
    input:
        transfer=TRANSFER,
    output:
        **drawn(FIGURE_19, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_19}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_19}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/transfer.py"),
        style=as_json(STYLE),
    shell:
        call("figures/transfer.py")


rule figure_all_layers:
    input:
        headline=HEADLINE["csv"],
        loss=every(LOSS, corpus=TEXTS),
    output:
        **drawn(FIGURE_35, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_35}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_35}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/all_layers.py"),
        order=in_order("figure_all_layers"),
        twins=as_json(EXPERIMENT.twins),
        untrained=EXPERIMENT.untrained,
        style=as_json(STYLE),
    shell:
        call("figures/all_layers.py")


TARGETS["figures"] += [
    *(
        figure_files(FIGURE_1, corpus=EXPERIMENT.read_corpora)
        if EXPERIMENT.shown_model
        else []
    ),
    *(
        figure_files(FIGURE_5)
        if LOSS_TABLE["csv"] in TARGETS["tables"] and EXPERIMENT.extracted
        else []
    ),
    *figure_files(FIGURE_6, corpus=EXPERIMENT.read_corpora),
    *(
        figure_files(FIGURE_7)
        if EXPERIMENT.saccade_groups and EXPERIMENT.scaling_law
        else []
    ),
    *figure_files(FIGURE_17, corpus=EXPERIMENT.read_corpora),
    *(figure_files(FIGURE_19) if COMPARES_GROUPS else []),
    *(
        figure_files(FIGURE_35)
        if EXPERIMENT.saccade_groups and HEADLINE["csv"] in TARGETS["tables"]
        else []
    ),
]
