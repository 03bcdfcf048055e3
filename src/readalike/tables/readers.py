"""Table 5: readers' reliance on the trivial patterns (paper, 5.3.1)."""

import pandas as pd

from readalike.tables.latex import decimals


def reader_reliance(reliance: pd.DataFrame, signal: str) -> pd.DataFrame:
    """R2 of readers' saccades on the trivial patterns; s.e. with n - 1, over sqrt n."""
    own = reliance[reliance["signal"] == signal]
    groups = own.groupby(["group", "readers_are"], sort=False)["r2"]
    found = groups.agg(["count", "min", "max", "mean", "sem"]).reset_index()
    return found.rename(columns={"count": "n", "sem": "se"})


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """As the paper prints it, with the number of readers."""
    columns = {name.title() if name != "se" else "SE": name for name in ("min", "max", "mean", "se")}
    found = {header: [decimals(value, 4) for value in table[name]] for header, name in columns.items()}
    return pd.DataFrame({"Group": table["group"], "Readers": table["n"].map(str), **found})
