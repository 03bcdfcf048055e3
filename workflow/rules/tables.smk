# Statistics -> results/tables/table-*.{csv,tex}, numbered as in the paper where it has the table; the data dictionary;
# results/summary.txt: what was made and the headline numbers, in plain words.

LOSS_TABLE = table_files("table-01-loss-and-resemblance")
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
        "logs/tables/table-01-loss-and-resemblance.log",
    benchmark:
        "benchmarks/tables/table-01-loss-and-resemblance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/loss_and_resemblance.py"),
        order=in_order("table_loss_and_resemblance"),
        corpora=as_json({group: EXPERIMENT.corpus_of(group) for group in GROUPS}),
    shell:
        call("tables/loss_and_resemblance.py")


rule table_reader_reliance:
    input:
        reliance=every(READER_RELIANCE),
    output:
        **READERS_TABLE,
    log:
        "logs/tables/table-05-reader-reliance.log",
    benchmark:
        "benchmarks/tables/table-05-reader-reliance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/reader_reliance.py"),
        order=in_order("table_reader_reliance"),
    shell:
        call("tables/reader_reliance.py")


rule table_headline:
    input:
        resemblance=every(RESEMBLANCE, model=WHOLE),
        best_layer=BEST_LAYER,
        ceilings=every(CEILINGS),
        baseline=every(READER_BASELINE),
    output:
        **HEADLINE,
    log:
        "logs/tables/table-headline.log",
    benchmark:
        "benchmarks/tables/table-headline.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/headline.py"),
        order=in_order("table_headline"),
    shell:
        call("tables/headline.py")


rule table_fmri:
    input:
        resemblance=TO_REGIONS,
        ceilings=every(CEILINGS, group=REGIONS),
    output:
        **FMRI_TABLE,
    log:
        "logs/tables/table-08-fmri.log",
    benchmark:
        "benchmarks/tables/table-08-fmri.tsv"
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
        table="results/columns.csv",
    log:
        "logs/tables/columns.log",
    benchmark:
        "benchmarks/tables/columns.tsv"
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


TARGETS["tables"] += [
    *(READERS_TABLE.values() if EXPERIMENT.saccade_groups else []),
    *(LOSS_TABLE.values() if EXPERIMENT.saccade_groups and WHOLE else []),
    *(HEADLINE.values() if EXPERIMENT.saccade_groups and WHOLE else []),
    *(FMRI_TABLE.values() if TO_REGIONS else []),
]
TARGETS["reports"] += ["results/columns.csv"]


# Of everything else, by name only what it quotes.
rule summary:
    input:
        headline=[file for file in TARGETS["tables"] if file == HEADLINE["csv"]],
        slopes=[file for file in TARGETS["statistics"] if file == SLOPES],
        regions=[file for file in TARGETS["tables"] if file == FMRI_TABLE["csv"]],
        made=lambda w: TARGETS["tables"] + TARGETS["figures"] + TARGETS["reports"],
        others=lambda w: TARGETS["statistics"] + TARGETS["measures"],
    output:
        text="results/summary.txt",
    log:
        "logs/summary.log",
    benchmark:
        "benchmarks/summary.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("tables/summary.py"),
        order=in_order("summary"),
    shell:
        call("tables/summary.py")
