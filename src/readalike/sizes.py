"""Sizes of models: their parameters, and how a number of these is called."""

import pandas as pd

UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def parameters_of(losses: pd.DataFrame) -> dict[str, float]:
    """Parameters by model, of those that have weights. losses : rows of LOSS, which counts them"""
    pairs = zip(losses["model"], losses["parameters"], strict=True)
    return {str(model): float(parameters) for model, parameters in pairs if parameters > 0}


def size_name(parameters: float) -> str:
    """774M, 6.7B, 0.5B: three digits at most; empty where the size is not known."""
    if parameters != parameters:
        return ""
    for unit, letter in UNITS:
        # Three digits of 999,999,999 are 1000M.
        if parameters >= 0.9995 * unit:
            return f"{float(f'{parameters / unit:.3g}'):g}{letter}"
    return f"{parameters:g}"
