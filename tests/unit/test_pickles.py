"""Pickles of plain data come back; hostile ones run no code and take no memory to speak of."""

import io
import os
import pickle
import resource
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readalike.errors import FileFormatError
from readalike.imports.pickles import load
from tests.conftest import ROOT


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3) | st.tuples(inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(value=plain, protocol=st.sampled_from([2, 4, 5]))
def test_builtin_containers_come_back(value: Any, protocol: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("p") / "x.pkl", pickle.dumps(value, protocol=protocol))
    assert load(path) == value


@pytest.mark.parametrize("dtype", ["f8", ">f4", "f2", "i8", "u1", "?"])
def test_numpy_arrays_and_scalars_come_back(tmp_path: Path, dtype: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    value = [[array, np.asfortranarray(array)], (np.float64(0.5), np.int64(3)), {"a": array[:, 0].copy()}]
    found = load(written(tmp_path / "x.pkl", pickle.dumps(value, protocol=4)))
    for one, other in zip(found[0], value[0], strict=True):  # type: ignore[call-overload]
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert found[1] == (0.5, 3)


class Calls:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.what = (function, arguments)

    def __reduce__(self) -> Any:
        return self.what


def hostile() -> dict[str, bytes]:
    objects = np.empty(2, dtype=object)
    objects[:] = [1, Calls(os.system, "touch run")]
    return {
        "reduce to os.system": pickle.dumps(Calls(os.system, "touch run"), protocol=2),
        "builtins.eval": pickle.dumps(Calls(eval, "open('run', 'w')"), protocol=4),
        "eval by GLOBAL": b"cbuiltins\neval\n(S'1'\ntR.",
        "nested object array": pickle.dumps([objects], protocol=4),
        "array loader": pickle.dumps(Calls(np.load, "run"), protocol=4),
        "getattr": pickle.dumps(Calls(getattr, "text", "upper"), protocol=4),
        "an instance": pickle.dumps(Path("run"), protocol=4),
        "persistent id": b"Prun\n.",
        "INST": b"(S'touch run'\nios\nsystem\n.",
        "extension": b"\x80\x02\x82\x01.",
        "structured array": pickle.dumps(np.zeros(2, dtype=[("a", "f8")]), protocol=4),
        "strings": pickle.dumps(np.array(["a"]), protocol=4),
        "torn": pickle.dumps([1.0] * 10)[:-5],
        "a function on its own": pickle.dumps(np.ndarray, protocol=4),
        "buffer beyond shape": pickle.dumps(np.zeros(4), protocol=4).replace(
            struct.pack("<B", 4) + b"\x85", b"\x09\x85"
        ),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_pickles_are_refused_and_run_nothing(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path / "x.pkl", hostile()[name])
    with pytest.raises(FileFormatError, match=r"x\.pkl: (refused|not a pickle)"):
        load(path)
    assert [item.name for item in tmp_path.iterdir()] == ["x.pkl"]


def bombs() -> dict[str, bytes]:
    """Small files that would take gigabytes: nested sharing, a far memo place, claimed lengths, a claimed frame."""
    nested = io.BytesIO()
    nested.write(b"\x80\x04]\x94")
    for k in range(60):  # 2**60 leaves when walked without a memory of what was seen
        nested.write(b"]\x94(h" + bytes([k]) + b"h" + bytes([k]) + b"e")
    nested.write(b".")
    return {
        "nested sharing": nested.getvalue(),
        "far memo place": b"\x80\x04]r\xff\xff\xff\x7f.",
        "claimed bytes": b"\x80\x04B\xff\xff\xff\x7fabc.",
        "claimed bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"abc.",
        "claimed frame": b"\x80\x04\x95" + struct.pack("<Q", 2**50) + b"].",
    }


@pytest.mark.parametrize("name", sorted(bombs()))
def test_bombs_stay_within_bounded_memory(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "x.pkl", bombs()[name])
    code = (
        "import sys; from pathlib import Path\n"
        "from readalike.imports.pickles import load; from readalike.errors import FileFormatError\n"
        "try: load(Path(sys.argv[1])); print('plain')\n"
        "except FileFormatError: print('refused')\n"
    )
    limit = 1 << 30

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=30, preexec_fn=bounded,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.stdout.strip() in ("plain", "refused"), done.stderr[-500:]
