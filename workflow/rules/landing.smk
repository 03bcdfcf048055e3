# Fixations, attention -> results/landing/: where saccades land, forward ones too, and what each layer tells of it beyond
# position and word length.


# A file of its own beside the gaze file, which has pairs j <= i only: what is made of that one stays as it is.
LANDINGS = "<results>/landing/{group}.h5"
LANDING = "<results>/landing/{model}/{group}.csv"
LANDING_SENTENCES = "<results>/landing/{model}/{group}-sentences.h5"
LANDING_TABLE = table_files("table-landing")
FIGURE_20 = "figure-20-landing-{corpus}"
# Word length is part of the baseline.
LANDED = dict(
    corpus=TEXTS, group=EXPERIMENT.saccade_groups if CONFIG["landing"] else []
)


rule landings:
    input:
        words=words,
        gaze=GAZE,
        fixations=lambda w: readers.saccade_files(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
    output:
        landings=LANDINGS,
    log:
        "<logs>/landings/{group}.log",
    benchmark:
        "<benchmarks>/landings/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("gaze/landings.py"),
        source=lambda w: readers.saccade_source(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
        layout=as_json(lambda w: readers.layout_of(EXPERIMENT, w.group)),
    shell:
        call("gaze/landings.py", source="params")


rule landing:
    input:
        words=words,
        landings=LANDINGS,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
    output:
        table=LANDING,
        sentences=LANDING_SENTENCES,
    log:
        "<logs>/landing/{model}/{group}.log",
    benchmark:
        "<benchmarks>/landing/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/landing.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/landing.py")


rule table_landing:
    input:
        sentences=every(LANDING_SENTENCES, **LANDED),
    output:
        **LANDING_TABLE,
    log:
        "<logs>/tables/table-landing.log",
    benchmark:
        "<benchmarks>/tables/table-landing.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/landing.py"),
        order=in_order("table_landing"),
    shell:
        call("tables/landing.py")


rule figure_landing:
    input:
        landing=lambda w: every(
            LANDING, corpus=w.corpus, group=EXPERIMENT.saccade_groups
        ),
    output:
        **drawn(FIGURE_20, "Readers"),
    log:
        f"<logs>/figures/{FIGURE_20}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_20}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/landing.py"),
        order=in_order("figure_landing"),
        style=as_json(STYLE),
    shell:
        call("figures/landing.py")


measured(LANDING, **LANDED)
TARGETS["tables"] += LANDING_TABLE.values() if every(LANDING, **LANDED) else []
TARGETS["figures"] += [
    file
    for corpus in EXPERIMENT.read_corpora
    if every(LANDING, corpus=corpus, group=LANDED["group"])
    for file in figure_files(FIGURE_20, corpus=corpus)
]
