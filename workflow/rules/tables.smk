# Statistics -> results/tables/table-*.{csv,tex}, numbered as in the paper where it has the table; the data dictionary;
# results/summary.txt: what was made and the headline numbers, in plain words.
from readalike.running import digests

LOSS_TABLE = table_files("table-01-loss-and-resemblance")
SCALE_TABLE = table_files("table-02-scale")
TUNING_TABLE = table_files("table-03-tuning")
CHANGED_TABLE = table_files("table-04-changed-layers")
LAYERS_TABLE = table_files("table-06-changed-layers")
READERS_TABLE = table_files("table-05-reader-reliance")
FMRI_TABLE = table_files("table-08-fmri")
HEADLINE = table_files("table-headline")
REGIONS = EXPERIMENT.region_groups
TO_REGIONS = [file for group in REGIONS for file in every(RESEMBLANCE, group=group)]


rule table_loss_and_resemblance:
    input:
        best_layer=BEST_LAYER,
        loss=every(LOSS, corpus=TEXTS),
    output:
        **LOSS_TABLE,
    log:
        "<logs>/tables/table-01-loss-and-resemblance.log",
    benchmark:
        "<benchmarks>/tables/table-01-loss-and-resemblance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/loss_and_resemblance.py"),
        order=in_order("table_loss_and_resemblance"),
        corpora=as_json({group: EXPERIMENT.corpus_of(group) for group in GROUPS}),
        signal=CONFIG["signal"],
    shell:
        call("tables/loss_and_resemblance.py")


rule table_scale:
    input:
        models=LOSS_TABLE["csv"],
    output:
        **SCALE_TABLE,
    log:
        "<logs>/tables/table-02-scale.log",
    benchmark:
        "<benchmarks>/tables/table-02-scale.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/scale.py"),
        scaling_law=EXPERIMENT.scaling_law,
    shell:
        call("tables/scale.py")


rule table_tuning:
    input:
        models=LOSS_TABLE["csv"],
    output:
        **TUNING_TABLE,
    log:
        "<logs>/tables/table-03-tuning.log",
    benchmark:
        "<benchmarks>/tables/table-03-tuning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/tuning.py"),
        pairs=as_json(COMPARISONS["tuning"]),
    shell:
        call("tables/tuning.py")


# The paper has Table 7 for a second size; here all sizes stand in one.
rule table_changed_layers:
    input:
        tests=TESTS.format(name="resemblance-tuning"),
    output:
        **CHANGED_TABLE,
        layers_csv=LAYERS_TABLE["csv"],
        layers_tex=LAYERS_TABLE["tex"],
    log:
        "<logs>/tables/table-04-changed-layers.log",
    benchmark:
        "<benchmarks>/tables/table-04-changed-layers.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/changed_layers.py"),
        signal=CONFIG["signal"],
    shell:
        call("tables/changed_layers.py")


rule table_reader_reliance:
    input:
        reliance=every(READER_RELIANCE),
    output:
        **READERS_TABLE,
    log:
        "<logs>/tables/table-05-reader-reliance.log",
    benchmark:
        "<benchmarks>/tables/table-05-reader-reliance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/reader_reliance.py"),
        order=in_order("table_reader_reliance"),
        signal=CONFIG["signal"],
    shell:
        call("tables/reader_reliance.py")


rule table_headline:
    input:
        resemblance=every(RESEMBLANCE, model=WHOLE),
        all_layers=every(ALL_LAYERS, model=WHOLE, group=SACCADES),
        best_layer=BEST_LAYER,
        ceilings=every(CEILINGS),
        baseline=every(READER_BASELINE),
        sums=every(SUMS, model=WHOLE, group=SACCADES),
        beyond=every(BEYOND, model=WHOLE, group=SACCADES),
        all_layers_sums=every(ALL_LAYERS_SUMS, model=WHOLE, group=SACCADES),
        human_sums=every(READER_SUMS, group=SACCADES),
    output:
        **HEADLINE,
    log:
        "<logs>/tables/table-headline.log",
    benchmark:
        "<benchmarks>/tables/table-headline.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.sums_mb(sum(EXPERIMENT.layers.values()), attempt),
    params:
        code=code("tables/headline.py"),
        order=in_order("table_headline"),
        signal=CONFIG["signal"],
        without_b3=as_json(of_words.without_b3(EXPERIMENT)),
    shell:
        call("tables/headline.py")


rule table_fmri:
    input:
        resemblance=TO_REGIONS,
        ceilings=every(CEILINGS, group=REGIONS),
    output:
        **FMRI_TABLE,
    log:
        "<logs>/tables/table-08-fmri.log",
    benchmark:
        "<benchmarks>/tables/table-08-fmri.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/fmri.py"),
        order=in_order("table_fmri"),
        layers=as_json(EXPERIMENT.layers),
    shell:
        call("tables/fmri.py")


rule columns:
    output:
        table="<results>/columns.csv",
    log:
        "<logs>/tables/columns.log",
    benchmark:
        "<benchmarks>/tables/columns.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/columns.py"),
        order=in_order("columns"),
        # What columns mean is in no digest of code.
        meanings=digests.text_digest(SOURCE / "readalike" / "files" / "contracts"),
    shell:
        call("tables/columns.py")


SACCADES_OF_WHOLE = EXPERIMENT.saccade_groups and WHOLE
TUNED = COMPARISONS["tuning"]
TARGETS["tables"] += [
    *(LOSS_TABLE.values() if SACCADES_OF_WHOLE else []),
    *(SCALE_TABLE.values() if SACCADES_OF_WHOLE and EXPERIMENT.scaling_law else []),
    *(TUNING_TABLE.values() if SACCADES_OF_WHOLE and TUNED else []),
    *(
        [*CHANGED_TABLE.values(), *LAYERS_TABLE.values()]
        if EXPERIMENT.saccade_groups and TUNED
        else []
    ),
    *(READERS_TABLE.values() if EXPERIMENT.saccade_groups else []),
    *(HEADLINE.values() if SACCADES_OF_WHOLE else []),
    *(FMRI_TABLE.values() if TO_REGIONS else []),
]
TARGETS["reports"] += ["<results>/columns.csv"]


# The answer, in a table and on one screen, which ends every run and begins the summary.
VERDICT, VERDICT_TEXT = "<results>/tables/verdict.csv", "<results>/verdict.txt"


rule verdict:
    input:
        conclusions=[f for f in TARGETS["statistics"] if f == CONCLUSIONS_TABLE],
        divergence=[
            f for f in TARGETS["statistics"] if f == TESTS.format(name="divergence")
        ],
        reading_times=[f for f in TARGETS["statistics"] if f == READING_TIMES_TESTS],
        slopes=[f for f in TARGETS["statistics"] if f == SLOPES],
    output:
        table=VERDICT,
        text=VERDICT_TEXT,
    log:
        "<logs>/tables/verdict.log",
    benchmark:
        "<benchmarks>/tables/verdict.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/verdict.py"),
        order=in_order("verdict"),
        signal=CONFIG["signal"],
        name=lambda w: EXPERIMENT.results,
    shell:
        call("tables/verdict.py")


TARGETS["tables"] += [VERDICT]
TARGETS["reports"] += [VERDICT_TEXT]


# Of everything else, by name only what it quotes.
rule summary:
    input:
        verdict=VERDICT_TEXT,
        headline=[file for file in TARGETS["tables"] if file == HEADLINE["csv"]],
        slopes=[file for file in TARGETS["statistics"] if file == SLOPES],
        equal=[file for file in TARGETS["statistics"] if file == EQUAL_SLOPES],
        regions=[file for file in TARGETS["tables"] if file == FMRI_TABLE["csv"]],
        robustness=[file for file in TARGETS["tables"] if file == ROBUSTNESS],
        made=lambda w: TARGETS["tables"] + TARGETS["figures"] + TARGETS["reports"],
        others=lambda w: TARGETS["statistics"] + TARGETS["measures"],
    output:
        text="<results>/summary.txt",
    log:
        "<logs>/summary.log",
    benchmark:
        "<benchmarks>/summary.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/summary.py"),
        order=in_order("summary"),
        signal=CONFIG["signal"],
    shell:
        call("tables/summary.py")
