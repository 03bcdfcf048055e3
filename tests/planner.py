"""Dry runs of Snakemake in a process that has imported it once; `tests.running` starts one and asks it.

Each line on stdin is a request in JSON: `arguments` of the command line, `cwd`, `environment` and `output`, the file
of both streams. A fork of this process, which runs nothing itself, answers it as `python -m snakemake` would; its exit
status is a line on stdout. Of this library nothing is imported before: a request may be for another copy of it.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

# With what it and the workflow import; half of a dry run's time.
import jsonschema  # noqa: F401
import numpy as np  # noqa: F401
import pandas as pd  # noqa: F401
import smart_open  # noqa: F401
import snakemake.cli  # noqa: F401


def become(request: dict[str, Any]) -> None:
    """Make this process what the request asks for: its streams, folder, variables and command line."""
    null = os.open(os.devnull, os.O_RDONLY)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for ours, stream in ((null, 0), (output, 1), (output, 2)):
        os.dup2(ours, stream)
        os.set_inheritable(stream, True)
    os.chdir(request["cwd"])
    # `python -m` searches there first.
    sys.path[0] = request["cwd"]
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["snakemake", *request["arguments"]]


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            become(json.loads(line))
            runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    assert "readalike" not in sys.modules
    sys.path[0] = str(Path.cwd())
    main()
