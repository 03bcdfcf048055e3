# Of each of the paper's conclusions every variant -> results/statistics/conclusions.csv (one number each), then
# results/tables/robustness.csv: direction, interval, p, and what survives; and its figure. What attention adds to baselines by sentence
# and reader, of which the strictest variants are made, stands in results/beyond/.

BEYOND = "<results>/beyond/{model}/{group}-sums.h5"
CONCLUSIONS_TABLE = TESTS.format(name="conclusions")
ROBUSTNESS = "<results>/tables/robustness.csv"
FIGURE_22 = "figure-22-robustness"
SACCADES = EXPERIMENT.saccade_groups


rule beyond:
    input:
        words=words,
        gaze=GAZE,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
    output:
        sums=BEYOND,
    log:
        "<logs>/beyond/{model}/{group}.log",
    benchmark:
        "<benchmarks>/beyond/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/beyond.py"),
        kind=CONFIG["attention"],
    shell:
        call("measures/beyond.py")


rule conclusions:
    input:
        words=expand(
            "<results>/corpus/{corpus}/words.tsv",
            corpus=dict.fromkeys(map(EXPERIMENT.corpus_of, SACCADES)),
        ),
        resemblance=every(RESEMBLANCE, group=SACCADES),
        best_layer=[BEST_LAYER] if WHOLE else [],
        sums=every(SUMS, group=SACCADES),
        beyond=every(BEYOND, group=SACCADES),
        sinks=every(SINKS, group=WITH_SINKS),
        sinks_sums=every(SINKS_SUMS, group=WITH_SINKS),
        all_layers=every(ALL_LAYERS, group=SACCADES),
        all_layers_sums=every(ALL_LAYERS_SUMS, group=SACCADES),
        thinned=every(THINNED, high=SACCADES),
        thinned_sums=every(THINNED_SUMS, high=SACCADES),
        human_sums=every(READER_SUMS, group=SACCADES),
        ceilings=every(CEILINGS, group=SACCADES),
        reliance=every(RELIANCE, corpus=TEXTS),
        reliance_bootstrap=every(RELIANCE_BOOTSTRAP, corpus=TEXTS),
        sensitivity=every(SENSITIVITY, corpus=TEXTS, model=PREFIXED),
        reference=every(DIVERGENCE, comparison="reference"),
        loss=every(LOSS, corpus=TEXTS),
    output:
        table=CONCLUSIONS_TABLE,
    log:
        "<logs>/statistics/conclusions.log",
    benchmark:
        "<benchmarks>/statistics/conclusions.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.sums_mb(sum(EXPERIMENT.layers.values()), attempt),
    params:
        code=code("statistics/conclusions.py"),
        order=in_order("conclusions"),
        comparisons=as_json(COMPARISONS),
        contrasts=as_json(
            [list(pair) for pair in EXPERIMENT.contrasts if set(pair) <= set(SACCADES)]
        ),
        scaling_law=EXPERIMENT.scaling_law,
        families=as_json(EXPERIMENT.families),
        untrained=EXPERIMENT.untrained,
        twins=as_json(EXPERIMENT.twins),
        corpora=as_json({group: EXPERIMENT.corpus_of(group) for group in SACCADES}),
        layers=as_json(EXPERIMENT.layers),
        equivalence=CONFIG["equivalence"],
        signal=CONFIG["signal"],
    shell:
        call("statistics/conclusions.py")


# Of the statistics that are made, those that variants are taken from.
TAKEN = {
    name: [file for file in TARGETS["statistics"] if file == TESTS.format(name=name)]
    for name in (
        *("scaling-slopes", "resemblance-tuning", "resemblance-groups"),
        *("sensitivity", "sensitivity-tuning"),
    )
}


rule table_robustness:
    input:
        conclusions=CONCLUSIONS_TABLE,
        slopes=TAKEN["scaling-slopes"],
        tuning=TAKEN["resemblance-tuning"],
        groups=TAKEN["resemblance-groups"],
        sensitivity=TAKEN["sensitivity"],
        sensitivity_tuning=TAKEN["sensitivity-tuning"],
    output:
        table=ROBUSTNESS,
    log:
        "<logs>/tables/robustness.log",
    benchmark:
        "<benchmarks>/tables/robustness.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/robustness.py"),
        order=in_order("table_robustness"),
        tuned=lambda w: sorted({tuned for _, tuned in EXPERIMENT.compared("tuning")}),
        untrained=EXPERIMENT.untrained,
        corpora=as_json({group: EXPERIMENT.corpus_of(group) for group in SACCADES}),
        signal=CONFIG["signal"],
        attention=CONFIG["attention"],
        divergence=CONFIG["divergence"]["formula"],
    shell:
        call("tables/robustness.py")


rule figure_robustness:
    input:
        table=ROBUSTNESS,
    output:
        **drawn(FIGURE_22, "Conclusions"),
    log:
        f"<logs>/figures/{FIGURE_22}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_22}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/robustness.py"),
        style=as_json(STYLE),
    shell:
        call("figures/robustness.py")


if SACCADES:
    TARGETS["statistics"] += [CONCLUSIONS_TABLE]
    TARGETS["tables"] += [ROBUSTNESS]
    TARGETS["figures"] += figure_files(FIGURE_22)
