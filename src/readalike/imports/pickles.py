"""Pickles from the internet: numpy arrays and builtin containers, and nothing else.

A pickle is a program. Here its instructions are run one by one by Python's own unpickler in Python, whose table of
instructions is cut down to those that plain data need; every name it looks up is answered by a stand-in of this module,
so that no code of numpy or of anything else is called with what the file says. Memory stays in proportion to the file:
nothing is allocated by a length that the file merely claims.
"""

import io
import pickle
import pickletools
import struct
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from readalike.errors import FileFormatError

DTYPES = frozenset(["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"])
INSTRUCTIONS = frozenset(
    [
        *("PROTO", "FRAME", "STOP", "MARK", "MEMOIZE", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("SHORT_BINBYTES", "BINBYTES", "SHORT_BINUNICODE", "BINUNICODE"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"),
    ]
)


class Refused(Exception):
    """The pickle asks for something that plain data do not need."""


class _Dtype:
    """Stands for numpy.dtype: a number of a known size, or nothing."""

    __slots__ = ("code", "order")

    def __init__(self, code: str, *_: object) -> None:
        if code not in DTYPES:
            raise Refused(f"an array of dtype {code!r}; only numbers are read")
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1] if len(state) > 1 else None
        if order not in ("<", ">", "|", "="):
            raise Refused(f"a dtype of byte order {order!r}")
        if any(part is not None for part in state[2:5]):
            raise Refused("a dtype with fields")
        self.order = order

    @property
    def dtype(self) -> "np.dtype[Any]":
        return np.dtype(self.order + self.code)


class _Array:
    """Stands for numpy.ndarray until its numbers are there."""

    __slots__ = ("array",)

    def __init__(self) -> None:
        self.array: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
            raise Refused("an array of objects; only numbers are read")
        self.array = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if fortran else "C")


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _scalar(dtype: _Dtype, data: bytes) -> float | int | bool:
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
        raise Refused("a scalar that is no number")
    value: float | int | bool = np.frombuffer(data, dtype.dtype, count=1)[0].item()
    return value


def _never_called(*_: object) -> None:
    raise Refused("numpy.ndarray called as a function")


# What the files' names stand for; `numpy.core` was renamed `numpy._core` in numpy 2.
NAMES: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _never_called,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
}


class _Unpickler(pickle._Unpickler):
    # The unpickler in Python: its table of instructions can be cut down.
    dispatch: ClassVar[dict[int, Any]] = {
        ord(op.code): pickle._Unpickler.dispatch[ord(op.code)] for op in pickletools.opcodes if op.name in INSTRUCTIONS
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return NAMES[module, name]
        except KeyError:
            raise Refused(f"the name {module}.{name}") from None


# What unpickling raises where bytes are not those of a pickle.
DAMAGE = (EOFError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)


def load(path: Path) -> Any:
    """Lists, tuples, dicts, numbers, strings and numpy arrays of numbers that a pickle holds.

    Raises FileFormatError, naming what was asked for, for anything else; no code of the file is run.
    """
    # From memory: no read by a claimed length can allocate more than the file has.
    stream = io.BytesIO(path.read_bytes())
    try:
        return _plain(_Unpickler(stream).load(), {})
    except Refused as refusal:
        raise FileFormatError(f"{path}: refused, since the pickle holds {refusal}; it is not plain data") from None
    except KeyError as instruction:
        raise FileFormatError(f"{path}: refused, since the pickle has the instruction {instruction}") from None
    except RecursionError:
        raise FileFormatError(f"{path}: lists within lists without end; download it again") from None
    except (*DAMAGE, pickle.UnpicklingError, struct.error) as error:
        raise FileFormatError(f"{path}: not a pickle of plain data ({error}); download it again") from None


def _plain(value: Any, done: dict[int, Any]) -> Any:
    """Arrays in place of their stand-ins; what the file holds twice is visited once."""
    if isinstance(value, _Array):
        return value.array
    if isinstance(value, list):
        if id(value) not in done:
            done[id(value)] = value
            value[:] = [_plain(item, done) for item in value]
        return value
    if isinstance(value, dict):
        if id(value) not in done:
            done[id(value)] = value
            for key in value:
                value[key] = _plain(value[key], done)
        return value
    if isinstance(value, tuple):
        if id(value) not in done:
            done[id(value)] = tuple(_plain(item, done) for item in value)
        return done[id(value)]
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    raise Refused(f"an object of type {type(value).__name__}")
