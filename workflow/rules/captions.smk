# What was made -> results/captions.md: what each table and figure shows, how it was computed, and what is missing and why.

SHOWN = sorted((ROOT / "workflow" / "report").glob("*.rst"))
# What captions and the report say of the configuration.
ABOUT = as_json(
    {
        "layers": EXPERIMENT.layers_there,
        "shown_model": EXPERIMENT.shown_model or "",
        "saccades": {
            group: EXPERIMENT.corpus_of(group) for group in EXPERIMENT.saccade_groups
        },
        "regions": {group: EXPERIMENT.corpus_of(group) for group in REGIONS},
        "comparisons": {
            kind: EXPERIMENT.compared(kind)
            for kind in ("scaling", "tuning", "reference")
        },
        "attention": CONFIG["attention"],
        "signal": CONFIG["signal"],
        "formula": CONFIG["divergence"]["formula"],
        "draws": CONFIG["bootstrap_draws"],
        "seed": CONFIG["seed"],
    }
)


rule captions:
    input:
        catalogue=EXPERIMENT.located("workflow/report/catalogue.yaml"),
        shown=[EXPERIMENT.located(f"workflow/report/{file.name}") for file in SHOWN],
        ceilings=every(CEILINGS),
        words=expand("<results>/corpus/{corpus}/words.tsv", corpus=CORPORA),
        made=lambda w: TARGETS["tables"] + TARGETS["figures"],
    output:
        text="<results>/captions.md",
    log:
        "<logs>/captions.log",
    benchmark:
        "<benchmarks>/captions.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("captions/captions.py"),
        order=in_order("captions"),
        about=ABOUT,
    shell:
        call("captions/captions.py")


TARGETS["reports"] += ["<results>/captions.md"]
