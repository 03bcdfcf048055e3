# Events or a table of fixations -> results/gaze/{group}.h5: saccade number and duration of every reader. Simulated
# readers are written as event files first, so that they go the way of real ones.


GAZE = "<results>/gaze/{group}.h5"
# A parameter too, in which Snakemake fills no <results>.
SIMULATED = f"{EXPERIMENT.results}/gaze/simulated/{{group}}"


rule simulate:
    input:
        words=words,
    output:
        events=directory(SIMULATED),
    log:
        "<logs>/simulate/{group}.log",
    benchmark:
        "<benchmarks>/simulate/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("gaze/simulate.py"),
        readers=lambda w: GROUPS[w.group]["saccades"]["simulate"]["readers"],
        seed=lambda w: GROUPS[w.group]["saccades"]["simulate"]["seed"],
        profile=lambda w: GROUPS[w.group]["saccades"]["simulate"]["profile"],
    shell:
        call("gaze/simulate.py")


rule gaze:
    input:
        words=words,
        fixations=lambda w: readers.saccade_files(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
        means=lambda w: list(readers.released_means(EXPERIMENT, w.group).values()),
    output:
        gaze=GAZE,
    log:
        "<logs>/gaze/{group}.log",
    benchmark:
        "<benchmarks>/gaze/{group}.tsv"
    wildcard_constraints:
        group=one_of(EXPERIMENT.saccade_groups),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("gaze/gaze.py"),
        group="{group}",
        source=lambda w: readers.saccade_source(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
        layout=as_json(lambda w: readers.layout_of(EXPERIMENT, w.group)),
        exclude=as_json(lambda w: GROUPS[w.group]["saccades"].get("exclude", {})),
        means_of=lambda w: list(readers.released_means(EXPERIMENT, w.group)),
    shell:
        call("gaze/gaze.py", source="params")


# Brain regions: the same file, a signal a region.
rule regions:
    input:
        words=words,
        matrices=lambda w: list(readers.region_files(EXPERIMENT, w.group).values()),
    output:
        gaze=GAZE,
    log:
        "<logs>/gaze/{group}.log",
    benchmark:
        "<benchmarks>/gaze/{group}.tsv"
    wildcard_constraints:
        group=one_of(EXPERIMENT.region_groups),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("gaze/regions.py"),
        group="{group}",
        regions=lambda w: list(readers.region_files(EXPERIMENT, w.group)),
        exclude=as_json(lambda w: readers.region_exclusions(EXPERIMENT, w.group)),
    shell:
        call("gaze/regions.py")
