"""LaTeX tables put into one document and run through pdflatex."""

import subprocess
from collections.abc import Sequence
from pathlib import Path


def compiled(pdflatex: str, folder: Path, tables: Sequence[str]) -> None:
    """A document with these tables, in `folder`; it must compile."""
    body = "\n\n".join(tables)
    (folder / "all.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n" + body + "\n\\end{document}\n",
        encoding="utf-8",
    )
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (folder / "all.pdf").stat().st_size > 5000
