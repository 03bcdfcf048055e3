# Everything that a person looks at -> results/report.html, one file that opens without a network, and beside it
# results/sentences.html: a sentence with attention and saccades.

PAGES = sorted((ROOT / "workflow" / "report" / "page").iterdir())
PAGE, SENTENCES = "<results>/report.html", "<results>/sentences.html"
# Of the configuration, what no result depends on; prefixes may be longer than a command line.
NOT_SHOWN = (
    *("conditions", "threads", "token_budget", "keep_states"),
    *("cache", "archived", "results", "rerun_on", "archive"),
)


rule report_page:
    input:
        catalogue=EXPERIMENT.located("workflow/report/catalogue.yaml"),
        shown=[EXPERIMENT.located(f"workflow/report/{file.name}") for file in SHOWN],
        pages=[
            EXPERIMENT.located(f"workflow/report/page/{file.name}") for file in PAGES
        ],
        ceilings=every(CEILINGS),
        words=expand("<results>/corpus/{corpus}/words.tsv", corpus=CORPORA),
        columns="<results>/columns.csv",
        conditions=CONDITIONS,
        cff=EXPERIMENT.located("CITATION.cff"),
        made=[
            file
            for file in TARGETS["tables"] + TARGETS["figures"]
            if file.endswith((".csv", ".png")) and file != VERDICT
        ],
        summary="<results>/summary.txt",
        verdict=VERDICT,
        verdict_text=VERDICT_TEXT,
    output:
        report=PAGE,
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("report/report.py"),
        order=in_order("report_page"),
        about=ABOUT,
        configuration=as_json(
            {key: value for key, value in CONFIG.items() if key not in NOT_SHOWN}
        ),
        imported=EXPERIMENT.imported,
        texts=list(EXPERIMENT.licensed),
        viewer=lambda w: Path(SENTENCES).name if TEXTS else "",
    shell:
        call("report/report.py")


rule sentences_page:
    input:
        pages=[
            EXPERIMENT.located(f"workflow/report/page/{file.name}") for file in PAGES
        ],
        words=expand("<results>/corpus/{corpus}/words.tsv", corpus=TEXTS),
        attention=every(ATTENTION, corpus=TEXTS, condition=PLAIN),
        gaze=[
            GAZE.format(group=group)
            for corpus in TEXTS
            for group in EXPERIMENT.readers_of(corpus)
        ],
    output:
        sentences=SENTENCES,
    log:
        "<logs>/sentences.log",
    benchmark:
        "<benchmarks>/sentences.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("report/sentences.py"),
        order=in_order("sentences_page"),
        corpora=as_json({corpus: EXPERIMENT.readers_of(corpus) for corpus in TEXTS}),
        models=lambda w: list(MODELS),
        kind=CONFIG["attention"],
        signal=CONFIG["signal"],
        licensed=as_json(EXPERIMENT.licensed),
    shell:
        call("report/sentences.py")


onsuccess:
    drop_unfinished()
    if Path(EXPERIMENT.results, Path(PAGE).name).is_file():
        print(f"Open {EXPERIMENT.results}/{Path(PAGE).name}", file=sys.stderr)
