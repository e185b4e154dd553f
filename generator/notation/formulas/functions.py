"""The functions of the answer language, by canonical name, with their other spellings.

`shape` says what a function does to shapes: "entrywise" keeps them, "scalar" gives one number of
an array, others are worked out in `shapes`. Argument counts are (least, most).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    name: str
    arguments: tuple[int, int]
    shape: str
    spellings: tuple[str, ...] = ()


def _entrywise(name: str, *spellings: str) -> Function:
    return Function(name, (1, 1), "entrywise", spellings)


_ALL = (
    _entrywise("sqrt"),
    _entrywise("cbrt"),
    _entrywise("exp"),
    _entrywise("ln"),
    Function("log", (1, 2), "entrywise"),  # log(x) is ln; log(x, b) has the base b
    _entrywise("log2"),
    _entrywise("log10"),
    _entrywise("abs", "Abs"),
    _entrywise("sign", "sgn", "signum"),
    _entrywise("floor"),
    _entrywise("ceil", "ceiling"),
    _entrywise("factorial", "fact"),
    *(_entrywise(n) for n in ("sin", "cos", "tan", "sec", "cot", "sinh", "cosh", "tanh", "coth")),
    _entrywise("csc", "cosec"),
    _entrywise("sech"),
    _entrywise("csch", "cosech"),
    _entrywise("asin", "arcsin"),
    _entrywise("acos", "arccos"),
    _entrywise("atan", "arctan"),
    Function("atan2", (2, 2), "entrywise", ("arctan2",)),
    _entrywise("asec", "arcsec"),
    _entrywise("acsc", "arccsc", "arccosec"),
    _entrywise("acot", "arccot"),
    _entrywise("asinh", "arcsinh", "arsinh"),
    _entrywise("acosh", "arccosh", "arcosh"),
    _entrywise("atanh", "arctanh", "artanh"),
    _entrywise("asech", "arcsech", "arsech"),
    _entrywise("acsch", "arccsch", "arcsch"),
    _entrywise("acoth", "arccoth", "arcoth"),
    _entrywise("sigmoid", "sigma", "σ", "logistic", "expit"),
    _entrywise("relu", "ReLU", "RELU"),
    Function("leaky_relu", (1, 2), "entrywise", ("LeakyReLU", "lrelu")),
    _entrywise("softplus"),
    _entrywise("step", "heaviside", "Heaviside", "H"),  # 1 for z > 0, 1 at 0 too
    _entrywise("sigmoid'", "sigma'", "σ'"),
    _entrywise("relu'", "ReLU'"),
    _entrywise("tanh'"),
    _entrywise("softplus'"),
    _entrywise("exp'"),
    Function("softmax", (1, 1), "same", ()),
    Function("root", (1, 2), "entrywise", ("nthroot",)),
    Function("binomial", (2, 2), "entrywise", ("binom", "comb", "nCr")),
    Function("max", (1, 20), "extreme", ("Max", "maximum")),
    Function("min", (1, 20), "extreme", ("Min", "minimum")),
    Function("gcd", (1, 20), "scalar", ()),
    Function("lcm", (1, 20), "scalar", ()),
    # Euclidean; Frobenius of a matrix; norm(v, 1) and norm(v, 2) of a vector
    Function("norm", (1, 2), "norm", ()),
    Function("sum", (1, 2), "axis", ()),  # sum(G, 0): of each column, sum(G, 1): of each row
    Function("mean", (1, 2), "axis", ("average", "avg")),
    Function("trace", (1, 1), "scalar", ("tr",)),
    Function("det", (1, 1), "scalar", ()),
    Function("diag", (1, 1), "diag", ("Diag",)),  # of a column: the matrix; of a matrix: the column
    Function("inv", (1, 1), "square", ("inverse",)),
    Function("transpose", (1, 1), "transpose", ()),
    Function("dot", (2, 2), "dot"),
    Function("inner", (2, 2), "inner"),
    Function("outer", (2, 2), "outer", ()),
    Function("hadamard", (2, 2), "hadamard", ("multiply",)),
    # Read as what they stand for, and never left as calls:
    Function("lg", (1, 2), "entrywise"),  # to the base 10, or to the one that it is given
    Function("nPr", (2, 2), "entrywise"),
    Function("mod", (2, 2), "entrywise"),
    Function("round", (1, 1), "entrywise"),
    Function("Fraction", (1, 2), "entrywise", ("Rational",)),
    Function("matmul", (2, 2), "product", ()),
    Function("power", (2, 2), "entrywise", ("pow",)),
    Function("square", (1, 1), "entrywise", ()),
    # ones(n): a column; ones(n, m), ones((n, m)). Name("𝟙"), from \mathbf{1} or 𝟙 alone, is the
    # column of ones, and Name("I") the identity, of the size that fits.
    Function("ones", (1, 2), "ones", ()),
    Function("zeros", (1, 2), "ones", ()),
    Function("eye", (1, 1), "eye", ("identity",)),
    Function("where", (3, 3), "entrywise", ()),  # of a comparison: the second where it holds
    Function("indicator", (1, 1), "entrywise", ("1", "𝟙", "I", "float", "double")),
)

FUNCTIONS: dict[str, Function] = {each.name: each for each in _ALL}
SPELLINGS: dict[str, str] = {
    spelling: each.name for each in _ALL for spelling in (each.name, *each.spellings)
}
