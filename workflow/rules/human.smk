# Gaze -> results/human/{group}/: ceilings, reliance on trivial patterns and on the baseline, of every reader.


CEILINGS = "<results>/human/{group}/ceilings.csv"
BOUNDS = "<results>/human/{group}/bounds.csv"
READER_RELIANCE = "<results>/human/{group}/reliance.csv"
READER_BASELINE = "<results>/human/{group}/baseline.csv"
READER_SUMS = "<results>/human/{group}/sums.h5"
MEANS = "<results>/human/{group}/means.csv"
# Groups whose means somebody released.
WITH_MEANS = [
    group
    for group in EXPERIMENT.saccade_groups
    if readers.released_means(EXPERIMENT, group)
]


rule human:
    input:
        words=words,
        gaze=GAZE,
    output:
        ceilings=CEILINGS,
        bounds=BOUNDS,
        reliance=READER_RELIANCE,
        baseline=READER_BASELINE,
        sums=READER_SUMS,
    log:
        "<logs>/human/{group}.log",
    benchmark:
        "<benchmarks>/human/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/human.py"),
        seed=CONFIG["seed"],
    shell:
        call("measures/human.py")


rule compare_means:
    input:
        words=words,
        gaze=GAZE,
    output:
        means=MEANS,
    log:
        "<logs>/compare-means/{group}.log",
    benchmark:
        "<benchmarks>/compare-means/{group}.tsv"
    wildcard_constraints:
        group=one_of(WITH_MEANS),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/compare_means.py"),
    shell:
        call("measures/compare_means.py")


TARGETS["measures"] += [
    *every(CEILINGS),
    *every(BOUNDS),
    *every(MEANS, group=WITH_MEANS),
]
