# Statistics -> results/tables/table-*.{csv,tex}, numbered as in the paper where it has the table, and
# results/summary.txt: what was made and the headline numbers, in plain words.


rule table_loss_and_resemblance:
    input:
        best_layer="results/statistics/best-layer.csv",
        loss=by_corpus("loss"),
    output:
        multiext("results/tables/table-01-loss-and-resemblance", ".csv", ".tex"),
    log:
        "logs/tables/table-01-loss-and-resemblance.log",
    benchmark:
        "benchmarks/tables/table-01-loss-and-resemblance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("table_loss_and_resemblance.py"),
        code=code("table_loss_and_resemblance.py"),
        stem=lambda w, output: output[0].removesuffix(".csv"),
    shell:
        "{params.script} --best-layer {input.best_layer} --loss {input.loss} --output {params.stem} --log {log}"


rule table_reader_reliance:
    input:
        human("reliance"),
    output:
        multiext("results/tables/table-05-reader-reliance", ".csv", ".tex"),
    log:
        "logs/tables/table-05-reader-reliance.log",
    benchmark:
        "benchmarks/tables/table-05-reader-reliance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("table_reader_reliance.py"),
        code=code("table_reader_reliance.py"),
        stem=lambda w, output: output[0].removesuffix(".csv"),
    shell:
        "{params.script} --reliance {input} --output {params.stem} --log {log}"


rule table_headline:
    input:
        resemblance=resemblance_of_whole(),
        best_layer="results/statistics/best-layer.csv",
        ceilings=human("ceilings"),
        baseline=human("baseline"),
    output:
        multiext("results/tables/table-headline", ".csv", ".tex"),
    log:
        "logs/tables/table-headline.log",
    benchmark:
        "benchmarks/tables/table-headline.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("table_headline.py"),
        code=code("table_headline.py"),
        stem=lambda w, output: output[0].removesuffix(".csv"),
    shell:
        "{params.script} --resemblance {input.resemblance} --best-layer {input.best_layer} "
        "--ceilings {input.ceilings} --baseline {input.baseline} --output {params.stem} --log {log}"


rule table_fmri:
    input:
        resemblance=resemblance_to_regions(),
        ceilings=[f"results/human/{group}/ceilings.csv" for group in REGIONS],
    output:
        multiext("results/tables/table-08-fmri", ".csv", ".tex"),
    log:
        "logs/tables/table-08-fmri.log",
    benchmark:
        "benchmarks/tables/table-08-fmri.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("table_fmri.py"),
        code=code("table_fmri.py"),
        layers=as_json(LAYERS),
        stem=lambda w, output: output[0].removesuffix(".csv"),
    shell:
        "{params.script} --resemblance {input.resemblance} --ceilings {input.ceilings} "
        "--layers {params.layers:q} --output {params.stem} --log {log}"


rule summary:
    input:
        headline=tables_named("table-headline"),
        regions=tables_named("table-08-fmri"),
        statistics=lambda w: all_statistics(),
        tables=all_tables(),
        figures=lambda w: all_figures(),
        measures=lambda w: all_measures(),
        reports=reproduction_reports(),
    output:
        "results/summary.txt",
    log:
        "logs/summary.log",
    benchmark:
        "benchmarks/summary.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("summary.py"),
        code=code("summary.py"),
    shell:
        "{params.script} --headline {input.headline} --regions {input.regions} --made {input.tables} {input.figures} {input.reports} "
        "--output {output} --log {log}"
