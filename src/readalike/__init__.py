"""readalike: how like human reading is a language model's attention?

The library behind the workflow: usable without Snakemake. Modules carry the names of the stages:
corpus, gaze, weights, attention, measures, statistics, figures; `files` alone knows the file formats.
"""
