"""What follows from a configuration before anything is made: which models on which corpus, blocks, sizes, sources.

Imported by the Snakefile while the DAG is built, so it imports nothing heavy; it knows nothing of Snakemake.
"""
