"""How the size of a model is called."""

UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def size_name(parameters: float) -> str:
    """774M, 6.7B, 0.5B: three digits at most; empty where the size is not known."""
    if parameters != parameters:
        return ""
    for unit, letter in UNITS:
        # Three digits of 999,999,999 are 1000M.
        if parameters >= 0.9995 * unit:
            return f"{float(f'{parameters / unit:.3g}'):g}{letter}"
    return f"{parameters:g}"
