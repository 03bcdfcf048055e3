# Events or a table of fixations -> results/gaze/{group}.h5: saccade number and duration of every reader. Simulated
# readers are written as event files first, so that they go the way of real ones.


rule simulate:
    input:
        words=words,
    output:
        directory("results/gaze/simulated/{group}"),
    log:
        "logs/simulate/{group}.log",
    benchmark:
        "benchmarks/simulate/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("simulate.py"),
        code=code("simulate.py"),
        readers=lambda w: as_json(GROUPS[w.group]["saccades"]["simulate"]),
    shell:
        "{params.script} --corpus {input.words} --readers {params.readers:q} "
        "--output {output} --log {log}"


rule gaze:
    input:
        words=words,
        fixations=gaze_input,
        means=lambda w: released_means(w).values(),
    output:
        "results/gaze/{group}.h5",
    log:
        "logs/gaze/{group}.log",
    benchmark:
        "benchmarks/gaze/{group}.tsv"
    wildcard_constraints:
        group=one_of(SACCADES) or "none",
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("gaze.py"),
        code=code("gaze.py"),
        source=gaze_source,
        columns=lambda w: as_json(GROUPS[w.group]["saccades"].get("columns", {})),
        exclude=lambda w: as_json(GROUPS[w.group]["saccades"].get("exclude", {})),
        means=lambda w: as_pairs(released_means(w)),
        simulated=lambda w: "--simulated" if is_simulated(w.group) else "",
    shell:
        "{params.script} --corpus {input.words} --group {wildcards.group} {params.source:q} "
        "--columns {params.columns:q} --means {params.means} --exclude {params.exclude:q} {params.simulated} "
        "--output {output} --log {log}"


# Brain regions: the same file, a signal a region.
rule regions:
    input:
        words=words,
        regions=lambda w: region_files(w).values(),
    output:
        "results/gaze/{group}.h5",
    log:
        "logs/gaze/{group}.log",
    benchmark:
        "benchmarks/gaze/{group}.tsv"
    wildcard_constraints:
        group=one_of(REGIONS) or "none",
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("regions.py"),
        code=code("regions.py"),
        regions=lambda w: as_pairs(region_files(w)),
        exclude=lambda w: as_json(region_exclusions(w)),
    shell:
        "{params.script} --corpus {input.words} --group {wildcards.group} --regions {params.regions} "
        "--exclude {params.exclude:q} --output {output} --log {log}"
