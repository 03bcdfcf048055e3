"""Quarters of a model's layers: how models of different depth are compared."""


def quarter(layers: int, k: int) -> range:
    """Layers of quarter k (0 to 3) of a model: (L * k) // 4 up to (L * (k + 1)) // 4, the end left out."""
    return range(layers * k // 4, layers * (k + 1) // 4)
