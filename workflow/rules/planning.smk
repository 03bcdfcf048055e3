# Sums of squares -> what an effect would need: statistics/planning.csv and its figure.

PLANNING = TESTS.format(name="planning")
FIGURE_21 = "figure-21-power"


rule planning:
    input:
        sums=every(SUMS, model=EXPERIMENT.trained, group=EXPERIMENT.saccade_groups),
    output:
        table=PLANNING,
    log:
        "<logs>/statistics/planning.log",
    benchmark:
        "<benchmarks>/statistics/planning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.sums_mb(sum(EXPERIMENT.layers.values()), attempt),
    params:
        code=code("statistics/planning.py"),
        order=in_order("planning"),
        comparisons=as_json(COMPARISONS),
        contrasts=as_json(CONFIG["contrasts"]),
        groups=EXPERIMENT.saccade_groups,
        signal=CONFIG["signal"],
        equivalence=CONFIG["equivalence"],
    shell:
        call("statistics/planning.py")


rule figure_power:
    input:
        planning=PLANNING,
    output:
        **drawn(FIGURE_21, "Resemblance"),
    log:
        f"<logs>/figures/{FIGURE_21}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_21}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/planning.py"),
        style=as_json(STYLE),
    shell:
        call("figures/planning.py")


# Models that have attention on what each group with saccades read: what there is to compare.
ATTENDING = {
    group: EXPERIMENT.models_on(EXPERIMENT.corpus_of(group))
    for group in EXPERIMENT.saccade_groups
}
PLANNABLE = any(
    set(pair) <= set(models)
    for models in ATTENDING.values()
    for pair in COMPARISONS["tuning"]
) or any(ATTENDING.get(high) and low in ATTENDING for high, low in CONFIG["contrasts"])
TARGETS["statistics"] += [PLANNING] if PLANNABLE else []
TARGETS["figures"] += figure_files(FIGURE_21) if PLANNABLE else []
