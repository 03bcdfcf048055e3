"""Results released by the authors of the paper (layout `gao2023`): scores of readers, divergences of sentences."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.errors import FileFormatError


def read_scores(path: Path) -> FloatArray:
    """R2 of every reader on the heads of every layer, shape (layers, readers)."""
    try:
        scores: FloatArray = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: not an array of numbers: {error}") from None
    if scores.ndim != 2 or not np.issubdtype(scores.dtype, np.floating):
        raise FileFormatError(f"{path}: shape {scores.shape} of {scores.dtype}; expected floats (layers, readers)")
    return scores


def read_divergences(path: Path) -> pd.DataFrame:
    """Long table: column, index (layer or quarter), sentence, divergence; a column without any value is left out.

    The file has a sheet a layer or quarter, a row a sentence, a column a compared pair or model; `noise` is the
    reference, Vicuna v0 against v1.1 13B.
    """
    try:
        sheets = pd.read_excel(path, sheet_name=None)
    except (OSError, ValueError, BadZipFile) as error:
        raise FileFormatError(f"{path}: cannot be read as a workbook: {error}") from None
    parts = []
    for index, (name, sheet) in enumerate(sheets.items()):
        if name.split()[-1] != str(index):
            raise FileFormatError(f"{path}: sheet {name!r} stands where layer or part {index} should")
        long = sheet.reset_index(names="sentence").melt("sentence", var_name="column", value_name="divergence")
        parts.append(long.assign(index=index))
    return pd.concat(parts, ignore_index=True).dropna(subset="divergence")
