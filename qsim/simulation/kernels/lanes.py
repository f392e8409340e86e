# mypy: disable-error-code="untyped-decorator, call-arg, import-untyped, no-untyped-call, unused-ignore"
"""
256 lanes as one value inside a kernel: four words of 64 bits that LLVM keeps in a vector register (one of AVX2, two of SSE or NEON).

numba unrolls a loop over four words before LLVM could make vectors of it; this says outright what is meant. `&`, `|`, `^`, `~` work on all
lanes, `<<` and `>>` on the four words; rows of four words are read and written with `load` and `store`, counted through all axes of an array.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

WORDS = 4
_intrinsic: Any = intrinsic
_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
_VECTOR = ir.VectorType(_WORD, WORDS)


class LanesType(types.Type):  # type: ignore[misc]
    """The type of 256 lanes in numba."""

    def __init__(self) -> None:
        super().__init__(name="Lanes256")


LANES_TYPE = LanesType()


@register_model(LanesType)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _place(context: Any, builder: Any, kind: Any, array: Any, offset: Any, unit: Any) -> Any:
    """Return the address of a unit of an array's memory; unlike an index, without a look at its sign."""
    data = cgutils.create_struct_proxy(kind)(context, builder, value=array).data
    return builder.gep(builder.bitcast(data, unit.as_pointer()), [offset])


@_intrinsic
def load(typing: Any, words: Any, row: Any) -> Any:
    """Return a row of uint64 (..., 4), a C array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = builder.load(_place(context, builder, signature.args[0], *arguments, _VECTOR))
        found.align = 8
        return found

    return LANES_TYPE(words, types.intp), generate


@_intrinsic
def word(typing: Any, words: Any, at: Any) -> Any:
    """Return one word of a C array of uint64, counted through all its axes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature.args[0], *arguments, _WORD))

    return types.uint64(words, types.intp), generate


@_intrinsic
def store(typing: Any, words: Any, row: Any, lanes: Any) -> Any:
    """Write 256 lanes to a row of uint64 (..., 4), a C array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(context, builder, signature.args[0], *arguments[:2], _VECTOR)).align = 8
        return context.get_dummy_value()

    return types.void(words, types.intp, LANES_TYPE), generate


@_intrinsic
def store_bytes(typing: Any, memory: Any, offset: Any, lanes: Any) -> Any:
    """Write 32 bytes to the memory of a C array of bytes from an offset on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _place(context, builder, signature.args[0], *arguments[:2], _BYTE)
        builder.store(arguments[2], builder.bitcast(address, _VECTOR.as_pointer())).align = 1
        return context.get_dummy_value()

    return types.void(memory, types.intp, LANES_TYPE), generate


@_intrinsic
def scatter(typing: Any, words: Any, first: Any, apart: Any, lanes: Any) -> Any:
    """Write the four words to a C array of uint64 at `first`, `first` + `apart` and so on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _place(context, builder, signature.args[0], *arguments[:2], _WORD)
        for k in range(WORDS):
            builder.store(builder.extract_element(arguments[3], ir.IntType(32)(k)), address).align = 8
            address = builder.gep(address, [arguments[2]])
        return context.get_dummy_value()

    return types.void(words, types.intp, types.intp, LANES_TYPE), generate


@_intrinsic
def bytes_of(typing: Any, words: Any, half: Any) -> Any:
    """Return 32 lanes, half a word of a C array of uint64 (halves counted from its beginning), as 32 bytes: 255 where the bit is 1, else 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        short, many = ir.IntType(32), ir.VectorType(_BYTE, 32)
        bits = builder.load(_place(context, builder, signature.args[0], *arguments, short))
        bits.align = 4
        four = builder.bitcast(bits, ir.VectorType(_BYTE, 4))
        each = ir.Constant(ir.VectorType(short, 32), [k // 8 for k in range(32)])
        own = ir.Constant(many, [1 << k % 8 for k in range(32)])
        here = builder.and_(builder.shuffle_vector(four, ir.Constant(four.type, ir.Undefined), each), own)
        return builder.bitcast(builder.sext(builder.icmp_unsigned("==", here, own), many), _VECTOR)

    return LANES_TYPE(words, types.intp), generate


@_intrinsic
def nowhere(typing: Any) -> Any:
    """Return 256 lanes that are all 0."""
    return LANES_TYPE(), lambda context, builder, signature, arguments: ir.Constant(_VECTOR, [0] * WORDS)


@_intrinsic
def alike(typing: Any, word: Any) -> Any:
    """Return four words that are all the same."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = ir.Constant(_VECTOR, ir.Undefined)
        for k in range(WORDS):
            found = builder.insert_element(found, arguments[0], ir.IntType(32)(k))
        return found

    return LANES_TYPE(types.uint64), generate


@_intrinsic
def highest(typing: Any, lanes: Any) -> Any:
    """Return 32 lanes of 1 for every half word whose highest bit is 1, else 32 lanes of 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        halves = ir.VectorType(ir.IntType(32), 2 * WORDS)
        found = builder.ashr(builder.bitcast(arguments[0], halves), ir.Constant(halves, [31] * (2 * WORDS)))
        return builder.bitcast(found, _VECTOR)

    return LANES_TYPE(LANES_TYPE), generate


@_intrinsic
def anywhere(typing: Any, lanes: Any) -> Any:
    """Return whether any lane is 1."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = builder.bitcast(arguments[0], ir.IntType(64 * WORDS))
        return builder.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))

    return types.boolean(LANES_TYPE), generate


def _gate(name: str) -> Any:
    def gate(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, name)(*arguments)

        return LANES_TYPE(LANES_TYPE, LANES_TYPE), generate

    return _intrinsic(gate)


@_intrinsic
def _not(typing: Any, lanes: Any) -> Any:
    return LANES_TYPE(LANES_TYPE), lambda context, builder, signature, arguments: builder.not_(arguments[0])


def _overload(symbol: Any, gate: Any) -> None:
    @overload(symbol)  # type: ignore[untyped-decorator]
    def gated(a, b):  # type: ignore[no-untyped-def]
        return (lambda a, b: gate(a, b)) if isinstance(a, LanesType) and isinstance(b, LanesType) else None


for _symbol, _name in (("and_", "and_"), ("or_", "or_"), ("xor", "xor"), ("lshift", "shl"), ("rshift", "lshr")):
    _overload(getattr(operator, _symbol), _gate(_name))


@overload(operator.invert)  # type: ignore[untyped-decorator]
def _inverted(a):  # type: ignore[no-untyped-def]
    return (lambda a: _not(a)) if isinstance(a, LanesType) else None
