# Events -> results/gaze/{group}.h5: saccade number and duration of every reader. Simulated readers are written as
# event files first, so that they go the way of real ones.


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
        events=gaze_input,
    output:
        "results/gaze/{group}.h5",
    log:
        "logs/gaze/{group}.log",
    benchmark:
        "benchmarks/gaze/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("gaze.py"),
        code=code("gaze.py"),
        folders=gaze_folders,
        exclude=lambda w: as_json(GROUPS[w.group]["saccades"].get("exclude", {})),
        simulated=lambda w: "--simulated" if is_simulated(w.group) else "",
    shell:
        "{params.script} --corpus {input.words} --group {wildcards.group} --events {params.folders} "
        "--exclude {params.exclude:q} {params.simulated} --output {output} --log {log}"
