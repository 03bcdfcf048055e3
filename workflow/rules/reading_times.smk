# Fixations, attention, surprisal -> results/reading-times/: how long words are read, and what surprisal and the spread of
# attention tell of it beyond length, place and frequency.


# A file of its own beside the gaze file, which has pairs: what is made of that one stays as it is.
TIMES = "<results>/reading-times/{group}.h5"
READING_TIMES = "<results>/reading-times/{model}/{group}.csv"
READING_TIMES_SENTENCES = "<results>/reading-times/{model}/{group}-sentences.h5"
READING_TIMES_TESTS = "<results>/statistics/reading-times.csv"
FIGURE_34 = "figure-34-reading-times-{corpus}"
# Word length is part of the baseline.
TIMED = dict(
    corpus=TEXTS, group=EXPERIMENT.saccade_groups if CONFIG["reading_times"] else []
)


rule reading_times:
    input:
        words=words,
        gaze=GAZE,
        fixations=lambda w: readers.saccade_files(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
    output:
        times=TIMES,
    log:
        "<logs>/reading-times/{group}.log",
    benchmark:
        "<benchmarks>/reading-times/{group}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("gaze/reading_times.py"),
        source=lambda w: readers.saccade_source(
            EXPERIMENT, w.group, SIMULATED.format(group=w.group)
        ),
        layout=as_json(lambda w: readers.layout_of(EXPERIMENT, w.group)),
    shell:
        call("gaze/reading_times.py", source="params")


rule reading_time_scores:
    input:
        words=words,
        times=TIMES,
        attention=lambda w: every(
            ATTENTION,
            corpus=EXPERIMENT.corpus_of(w.group),
            model=w.model,
            condition=PLAIN,
        ),
        # None where words have none.
        frequency=lambda w: every(
            FREQUENCY, corpus=of_words.corpus_of_frequency(EXPERIMENT, w.group)
        ),
        surprisal=lambda w: every(
            SURPRISAL,
            corpus=of_words.corpus_of_surprisal(EXPERIMENT, w.model, w.group),
            model=w.model,
        ),
    output:
        table=READING_TIMES,
        sentences=READING_TIMES_SENTENCES,
    log:
        "<logs>/reading-times/{model}/{group}.log",
    benchmark:
        "<benchmarks>/reading-times/{model}/{group}.tsv"
    group:
        "measures"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/reading_times.py"),
        kind=CONFIG["attention"],
        seed=CONFIG["seed"],
    shell:
        call("measures/reading_times.py")


rule reading_time_tests:
    input:
        sentences=every(READING_TIMES_SENTENCES, **TIMED),
    output:
        table=READING_TIMES_TESTS,
    log:
        "<logs>/statistics/reading-times.log",
    benchmark:
        "<benchmarks>/statistics/reading-times.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/reading_times.py"),
        order=in_order("reading_time_tests"),
        corpora=as_json(
            {group: EXPERIMENT.corpus_of(group) for group in EXPERIMENT.saccade_groups}
        ),
        contrasts=as_json(CONFIG["contrasts"]),
        equivalence=CONFIG["equivalence"],
        untrained=EXPERIMENT.untrained,
    shell:
        call("statistics/reading_times.py")


rule figure_reading_times:
    input:
        tests=READING_TIMES_TESTS,
        reading_times=lambda w: every(
            READING_TIMES, corpus=w.corpus, group=EXPERIMENT.saccade_groups
        ),
    output:
        **drawn(FIGURE_34, "Readers"),
    log:
        f"<logs>/figures/{FIGURE_34}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_34}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/reading_times.py"),
        order=in_order("figure_reading_times"),
        style=as_json(STYLE),
    shell:
        call("figures/reading_times.py")


if every(READING_TIMES, **TIMED):
    measured(READING_TIMES, **TIMED)
    TARGETS["statistics"] += [READING_TIMES_TESTS]
    TARGETS["figures"] += [
        file
        for corpus in EXPERIMENT.read_corpora
        if every(READING_TIMES, corpus=corpus, group=TIMED["group"])
        for file in figure_files(FIGURE_34, corpus=corpus)
    ]
