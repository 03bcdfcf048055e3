"""readalike: how like human reading is a language model's attention?

The library behind the workflow: usable without Snakemake. `open_results` reads what a run left. Modules carry the names
of the stages: corpus, gaze, weights, attention, measures, statistics, figures; `files` alone knows the file formats.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readalike.results import Results

# Said here, and nowhere else but in CITATION.cff, which a test compares.
__version__ = "0.1.0"
__all__ = ["__version__", "open_results"]


def open_results(folder: "str | os.PathLike[str]") -> "Results":
    """What a run left in a folder, such as `results/demo`: tables as DataFrames, attention and gaze as arrays.

    Raises readalike.errors.ResultsError where there is no such folder, or it holds no results.
    """
    # Here, so that no module of the library waits for pandas and h5py that does not need them.
    from readalike.results import Results

    return Results(folder)
