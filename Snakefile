# The experiment: sentences and readers in, attention of models beside them, measures, statistics, figures.
# Includes and targets; the rules stand in workflow/rules/, one file a stage, and config.yaml is read first.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/configuration.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/gaze.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/extraction.smk"
include: "workflow/rules/attention.smk"
include: "workflow/rules/surprisal.smk"
include: "workflow/rules/human.smk"
include: "workflow/rules/resemblance.smk"
include: "workflow/rules/yardsticks.smk"
include: "workflow/rules/sinks.smk"
include: "workflow/rules/all_layers.smk"
include: "workflow/rules/heads.smk"
include: "workflow/rules/landing.smk"
include: "workflow/rules/reading_times.smk"
include: "workflow/rules/reliance.smk"
include: "workflow/rules/entropy.smk"
include: "workflow/rules/loss.smk"
include: "workflow/rules/divergence.smk"
include: "workflow/rules/overview.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/statistics_models.smk"
include: "workflow/rules/equal_features.smk"
include: "workflow/rules/robustness.smk"
include: "workflow/rules/incontext.smk"
include: "workflow/rules/figures_incontext.smk"
include: "workflow/rules/incontext_models.smk"
include: "workflow/rules/incontext_noise.smk"
include: "workflow/rules/incontext_verdict.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/figures_resemblance.smk"
include: "workflow/rules/figures_fmri.smk"
include: "workflow/rules/planning.smk"
include: "workflow/rules/captions.smk"
include: "workflow/rules/reproduction.smk"
include: "workflow/rules/report.smk"


localrules:
    all,
    measures,
    statistics,
    figures,
    incontext,


# Everything by name: Snakemake does not miss a file that only stands between two that are there.
rule all:
    default_target: True
    input:
        *TARGETS.values(),
        "<results>/summary.txt",
        PAGE,
        [SENTENCES] if TEXTS else [],


# Partial targets: `snakemake measures`, `snakemake statistics`, `snakemake figures`, `snakemake incontext`.
rule measures:
    input:
        TARGETS["measures"],


rule statistics:
    input:
        TARGETS["statistics"],


rule figures:
    input:
        TARGETS["figures"],


rule incontext:
    input:
        OF_INCONTEXT,
