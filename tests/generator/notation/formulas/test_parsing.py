"""Formulas as students type them, each beside the tree that it is read as."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.model.errors import NotationError
from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.spellings import variants
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Difference,
    Hadamard,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Series,
    Sum,
    Transpose,
    Tree,
)
from tests.effort import calls

SCALARS = ("a", "b", "c", "k", "p", "r", "t", "x", "y", "x_0", "theta", "mu0", "ab98", "bar_x")
SCOPE = Scope.of(
    dict.fromkeys(SCALARS)
    | {
        "lam": {"domain": "positive", "aliases": ["λ", "\\lambda"]},
        "d_k": "positive",
        "U": {"shape": ["q", "m"]},
        "X": {"shape": ["n", "d"]},
        "A": {"shape": ["n", "n"]},
        "W1": {"shape": ["m", "d"]},
        "W_out": {"shape": ["q", "m"]},
        "dS": {"shape": ["n", "m"]},
        "z": {"shape": ["m"]},
        "b1": {"shape": ["m"]},
        "delta2": {"shape": ["m"], "aliases": ["δ₂"]},
        "w": {"shape": ["d"]},
        "yhat": {"shape": ["q"], "aliases": ["\\hat{y}"]},
        "yhat1": {"shape": ["q"]},
        "v_c": {"shape": ["d"]},
        "h": {"shape": ["m"], "length": "T"},
    }
)


def full(tree: Tree) -> str:
    """A tree with every bracket written: (a b), (a*b), (a@b) are its three products."""
    match tree:
        case Num():
            return str(tree.value)
        case Const() | Name():
            return tree.name
        case Item():
            return f"{tree.name}_{{{', '.join(map(full, tree.indices))}}}"
        case Neg():
            return f"(-{full(tree.body)})"
        case Sum():
            return f"({full(tree.left)} + {full(tree.right)})"
        case Difference():
            return f"({full(tree.left)} - {full(tree.right)})"
        case Product():
            return f"({full(tree.left)}{tree.sign or ' '}{full(tree.right)})"
        case Hadamard():
            return f"({full(tree.left)}∘{full(tree.right)})"
        case Quotient():
            return f"({full(tree.left)}/{full(tree.right)})"
        case Power():
            return f"({full(tree.base)}^{full(tree.exponent)})"
        case Transpose():
            return f"{full(tree.body)}ᵀ"
        case Call():
            return f"{tree.function}({', '.join(map(full, tree.arguments))})"
        case Compare():
            return f"[{full(tree.left)} {tree.relation} {full(tree.right)}]"
        case Rows():
            inside = "; ".join(", ".join(map(full, row)) for row in tree.rows)
            return f"<{inside}>" if tree.vector else f"<<{inside}>>"
        case Series():
            return f"Σ({tree.index}={full(tree.low)}..{full(tree.high)}: {full(tree.body)})"
    raise TypeError(tree)


# Each tree, and the spellings of it.
READINGS: dict[str, list[str]] = {
    # Numbers
    "2": ["2", "+2", "(2)", "２", "$2$", " 2 ", "\u200b2"],
    "1/2": ["½", "0.5", ".5", "0,5", "5e-1", "0.50", "５E-１"],
    "5/2": ["2½", "2.5", "2,5", "25e-1"],
    "(1/2)": ["1/2", r"\frac12", r"\frac{1}{2}", r"\dfrac 1 2", r"\tfrac{1}2", "1÷2", "1⁄2"],
    "(-3)": ["-3", "−3", "–3", "(-3)", "+-3"],
    "(10^(-3))": ["10^-3", "10^{-3}", "10⁻³", "10**-3", "10**(-3)"],
    "1/1000": ["1e-3", "1E-3", "0.001"],
    "(5/2*(10^2))": ["2.5*10^2", "2.5∗10²", r"2.5 \ast 10^{2}"],
    "(5/2·(10^2))": [r"2.5\times 10^2", "2.5 × 10²", r"2.5 \cdot 10^{2}"],
    "(50/100)": ["50%", "50 %", r"50\%", "50％"],
    "(x/100)": ["x%", "x %"],
    "pi": ["pi", "π", r"\pi", "np.pi", "math.pi"],
    "e": ["e", r"\mathrm{e}", "np.e"],
    # Signs, sums and powers
    "(x + (-(-y)))": ["x++--y", "x + - - y", "x+ +-(-y)"],
    "(-(x^2))": ["-x^2", "-x²", "-(x^2)", "-x**2", "- x^{2}"],
    "(2^(3^2))": ["2^3^2", "2^(3^2)", "2^{3^2}", "2**3**2"],
    "((2^3)^2)": ["(2^3)^2", "{2^3}^2"],
    "(x^(-(y^2)))": ["x^-y^2", "x^{-y^2}", "x^(-y²)"],
    "((x^a) b)": ["x^ab", "x^a b", "x^{a}b"],
    "(x^(a b))": ["x^(ab)", "x^{ab}", "x^{a b}"],
    "((x^2) y)": ["x^2y", "x²y", "x^{2}y"],
    "((e^(-10)) x)": ["e^-10x", "e^(-10) x"],
    "(e^(-x))": ["e^-x", "e^{-x}", "e^(-x)"],
    "(e^sin(x))": ["e^sin(x)", "e^sin x", r"e^{\sin x}"],
    # Products and quotients, from left to right
    "(2 x)": ["2x", "2 x", r"2\,x", r"2\;x", "(2)x", "{2}x", r"2\left(x\right)"],
    "(2*x)": ["2*x", "2∗x"],
    "(2·x)": ["2·x", r"2 \cdot x", r"2\times x", "2 × x", "2 • x", "2∙x", r"2 \bullet x"],
    "(x·y)": ["x⋅y", r"x \cdot y"],
    "(x y)": ["xy", "x y", "(x)(y)", "x(y)", r"x\quad y"],
    "((1/2) x)": ["1/2x", "1/2 x", r"\frac12x", "(1/2)x"],
    "((a/b) c)": ["a/b c", "a/b(c)", r"\frac ab c"],
    "(a/(b c))": ["a/(bc)", r"\frac{a}{bc}", r"a/{b c}"],
    "((1/2)*sin((3*x)))": ["1/2*sin(3*x)"],
    "(2/(-3))": ["2/-3", r"\frac{2}{-3}"],
    "((ln(x)/ln(b)) ln(y))": ["ln(x)/ln(b)ln(y)", "ln x/ln b ln y"],
    "((2 pi) r)": ["2πr", "2 pi r", r"2\pi r", "2pir"],
    "((5 x) 3)": ["5 x 3"],
    "(((a b) c) (x^2))": ["abcx^2", "a b c x²"],
    "(-((2 x) y))": ["-2x y", "-2xy"],
    "((x - 1) (x + 1))": ["(x-1)(x+1)", "[x-1][x+1]", r"\left(x-1\right)\left(x+1\right)"],
    # Names in every spelling
    "W1": ["W1", "W_1", "W_{1}", "W₁", "W^{(1)}", "W^[1]", "W^(1)", "W⁽¹⁾", r"\mathbf{W}_1"],
    "(W1 w)": ["W_1w", "W_1 w", r"\bm W_{1}\,w", r"\boldsymbol{W}^{(1)} w"],
    "b1": ["b1", "b_1", "b₁", "b_{1}", r"\mathbf b_1"],
    "delta2": ["delta2", "delta_2", "δ2", "δ₂", r"\delta_2", r"\delta_{2}", r"\delta^{(2)}"],
    "yhat": ["yhat", "ŷ", "y\u0302", r"\hat{y}", r"\hat y", "y_hat", "hat_y", r"\mathbf{\hat y}"],
    "yhat1": ["yhat1", "yhat_1", "y_hat_1", "ŷ1", "ŷ_1", "ŷ₁", r"\hat{y}_1", r"\hat y_{1}"],
    "bar_x": ["bar_x", "xbar", "x_bar", "x̄", r"\bar{x}", r"\bar x", r"\overline{x}"],
    "lam": ["lam", "lambda", "λ", r"\lambda"],
    "theta": ["theta", "θ", r"\theta", r"\vartheta", "ϑ"],
    "mu0": ["mu0", "mu_0", "μ0", "µ0", r"\mu_0", "μ₀"],
    "W_out": ["W_out", "W_{out}", r"W_{\text{out}}", r"W_\mathrm{out}"],
    "d_k": ["d_k", "d_{k}"],
    "dS": ["dS", r"\mathbf{dS}", r"\mathrm{dS}"],
    "((ab98 c) x)": ["ab98cx", "ab98 c x"],
    "(x_0 3)": ["x_0 3"],
    "(v_c 3)": ["v_c3", "v_c 3"],
    "(v_c x)": ["v_cx", "v_c x"],
    "((t h) theta)": ["t h theta", r"t h\theta"],
    # Transposes
    "Uᵀ": ["U^T", "U'", "U.T", "Uᵀ", r"U^\top", r"U^{\top}", "transpose(U)", "U^{T}", "U^⊤"],
    "(Uᵀ yhat)": ["U^T yhat", "U^Tyhat", "U' ŷ", r"U^{\mathsf T}\hat y", r"U^{\intercal} \hat{y}"],
    "(W1ᵀ z)": ["W1^Tz", r"W_1^{\top} z", "W1ᵀ z", r"W^{(1)T} z", r"W^{(1)\top}z", "{W_1}^T z"],
    "((Xᵀ X) w)": ["X^TXw", "X^T X w", "X'X w", r"X^\top X w", "XᵀXw"],
    "((Xᵀ@X)@w)": ["X.T @ X @ w", "X^T@X@w"],
    "(A^(-1))ᵀ": ["A^{-T}", "A^(-T)", "(A^-1)^T", "A⁻¹'"],
    "(z zᵀ)": ["z z^T", "z z'", "zz^T", r"\mathbf{z}\mathbf{z}^\top"],
    "relu(z)ᵀ": ["relu(z)'", "relu(z)^T", "relu(z).T", r"\mathrm{ReLU}(z)^{\top}"],
    "(U z)ᵀ": ["(U z)^T", "(Uz)'", "(Uz).T", r"\left(Uz\right)^{\!\top}"],
    # Hadamard products: factors side by side are one factor first
    "(z∘b1)": ["z ∘ b1", "z⊙b1", "z .* b1", r"z \odot b_1", r"z\circ b_1", "z o b1", "z.*b1"],
    "((z∘(W1 w))∘b1)": ["z ∘ W1 w ∘ b1", r"z \odot W_1 w \odot b_1"],
    "(((z∘W1)*w)∘b1)": ["z .* W1 * w .* b1"],
    "((Uᵀ yhat)∘[z > 0])": ["U^T yhat ∘ 1{z>0}", "(U^T)(ŷ) o (z>0)"],
    "(z∘b1) ": ["hadamard(z, b1)", "np.multiply(z, b1)"],
    "(z∘(-b1))": ["z ∘ -b1"],
    # Indicators
    "[z > 0]": [
        "(z>0)",
        "1{z>0}",
        "1[z>0]",
        "1(z > 0)",
        "I(z>0)",
        "I[z>0]",
        "[z>0]",
        r"1\{z>0\}",
        r"\mathbb{1}\{z>0\}",
        r"\mathbb 1[z > 0]",
        r"\mathbf{1}[z>0]",
        r"\mathbf{1}_{z>0}",
        r"\mathbb{1}_{\{z>0\}}",
        r"\mathbb{I}(z \gt 0)",
        "𝟙{z>0}",
        "𝟙(z > 0)",
        "1_{z>0}",
        "indicator(z>0)",
        "z > 0",
    ],
    "[z >= 0]": ["(z>=0)", "1{z ≥ 0}", r"\mathbf{1}\{z \geq 0\}", "I[z >= 0]"],
    "[a <= b]": ["(a<=b)", "1[a ≤ b]", r"\mathbb{1}[a \le b]", "(a =< b)"],
    "[a != b]": ["(a != b)", "1[a ≠ b]", r"1\{a \neq b\}"],
    "[a = b]": ["(a = b)", "(a == b)", "1{a=b}", "I(a = b)"],
    "([z > 0]∘z)": ["(z>0) .* z", "1{z>0} ∘ z"],
    "((1 (x + 1)) y)": ["1[x+1]y", "1(x+1)y"],
    # Bars
    "abs(x)": ["|x|", "abs(x)", "Abs(x)", r"\left|x\right|", r"\lvert x \rvert", r"\big|x\big|"],
    "norm(z)": ["||z||", "‖z‖", r"\|z\|", r"\left\|z\right\|", r"\lVert z \rVert", "norm(z)"],
    "(norm(z)^2)": ["||z||^2", r"\|z\|_F^2", "norm(z)²", r"\lVert z\rVert_{F}^{2}"],
    "(norm(z, 2)^2)": ["||z||_2^2", r"\|z\|_2^2", "norm(z, 2)²", r"\lVert z\rVert_{2}^{2}"],
    "norm(z, 1)": ["||z||_1", r"\|z\|_1", "np.linalg.norm(z, 1)", r"\lVert z\rVert_{1}"],
    "([0 < x]∘[x < 1])": ["0 < x < 1", "1{0<x<1}", r"\mathbf{1}\{0<x<1\}", "1_{0<x<1}"],
    "([1 >= x]∘[x > 0])": ["1 ≥ x > 0", "I(1>=x>0)"],
    "where([x > 0], x, 0)": ["np.where(x > 0, x, 0)", "where(x>0,x,0)"],
    "dot(A, w)": ["A.dot(w)", "np.dot(A, w)"],
    "(A@w)": ["A.matmul(w)", "np.matmul(A, w)", "torch.matmul(A, w)"],
    "max(z)": ["z.max()", "np.max(z)"],
    "Σ(i=1..d: (w_{i} v_c_{i}))": ["sum_i w_i v_c[i]"],
    "abs((abs(x) + y))": ["||x|+y|", "|abs(x)+y|", r"\left|\left|x\right|+y\right|"],
    "abs((abs(x) - abs(y)))": ["||x|-|y||"],
    "abs(sin(abs(x)))": ["|sin(|x|)|", "|sin|x||"],
    "((abs(x) a) + abs(y))": ["|x|a+|y|"],
    "(2 abs(x))": ["2|x|"],
    "abs((x - abs(y)))": ["|x-|y||"],
    "floor((x/2))": ["floor(x/2)", "⌊x/2⌋", r"\lfloor x/2 \rfloor", "np.floor(x/2)"],
    "ceil(x)": ["ceil(x)", "ceiling(x)", "⌈x⌉", r"\left\lceil x \right\rceil"],
    # Functions
    "sin(x)": ["sin(x)", "sin x", "sinx", r"\sin x", r"\sin\left(x\right)", "sin{x}", "np.sin(x)"],
    "sin((2 x))": ["sin 2x", "sin(2x)", "sin2x", r"\sin 2x", r"\sin{2x}"],
    "(sin((2 x)) cos(x))": ["sin 2x cos x", "sin(2x)cos(x)", r"\sin 2x \cos x"],
    "(sin(x) y)": ["sin x(y)", "sin(x)y", "sin(x) y", r"\sin{x} y"],
    "sin((x y))": ["sin x y", "sin xy", "sin(xy)"],
    "sin(sin(x))": ["sin sin x", "sin(sin x)"],
    "sin((-x))": ["sin(-x)", "sin -x"],
    "(sin(x)^2)": [
        "sin^2 x",
        "sin^2x",
        "sin²x",
        "sin(x)^2",
        r"\sin^{2}(x)",
        "sin**2(x)",
        "sin²(x)",
    ],
    "asin(x)": ["asin(x)", "arcsin x", "sin^-1 x", "sin^(-1)(x)", "sin⁻¹(x)", r"\sin^{-1} x"],
    "atanh(x)": ["atanh(x)", "artanh(x)", r"\tanh^{-1}(x)", r"\operatorname{arctanh}(x)"],
    "asec(x)": ["arcsec(x)", "sec^(-1)(x)"],
    "(1/(sin(x)^2))": ["1/sin^2x", r"\frac1{\sin^2 x}"],
    "(ln(x)^k)": ["ln^k x", "ln(x)^k", r"\ln^{k}x"],
    "ln(x)": ["ln(x)", "lnx", "ln x", r"\ln x", r"\ln{x}", "Ln(x)"],
    "ln(abs(x))": ["ln|x|", "ln |x|", "ln(abs(x))", r"\ln\left|x\right|"],
    "(ln(x)/ln(y))": ["ln x/ln y", r"\frac{\ln x}{\ln y}"],
    "(x ln(x))": ["xlnx", "x ln x", "xln(x)", r"x\ln x"],
    "log(x)": ["log(x)", "log x", r"\log x"],
    "log(x, b)": ["log_b(x)", "log_b x", "log(x, b)", r"\log_{b} x", r"\log_b\left(x\right)"],
    "log(x_0, b)": ["log_bx_0", "log_b x_0"],
    "log(x, 10)": ["log_10 x", r"\log_{10} x", r"\log _ {10}(x)", "log₁₀(x)"],
    "log10(x)": ["log10(x)", "np.log10(x)"],
    "exp(x)": ["exp(x)", "exp x", r"\exp(x)", "np.exp(x)", "torch.exp(x)", "exp[x]"],
    "sqrt(x)": ["sqrt(x)", "√x", "√(x)", r"\sqrt{x}", r"\sqrt x", r"\sqrt(x)", "sqrt x"],
    "(sqrt(2) x)": ["√2x", "√2 x", r"\sqrt2x", r"\sqrt{2}x", "sqrt(2)x"],
    "root(x, 3)": ["root(x,3)", r"\sqrt[3]{x}", "sqrt[3]{x}", "sqrt[3](x)"],
    "cbrt(x)": ["∛x", "cbrt(x)"],
    "root(x, 4)": ["∜x", "root(x, 4)"],
    "factorial(p)": ["p!", "factorial(p)"],
    "(1/factorial((p - 1)))": ["1/(p-1)!", r"\frac{1}{(p-1)!}"],
    "(2^factorial(p))": ["2^p!"],
    "binomial(p, k)": ["binomial(p,k)", r"\binom{p}{k}", r"\dbinom pk", "comb(p, k)"],
    "max(0, x)": [
        "max(0,x)",
        "Max(0, x)",
        r"\max\left(0, x\right)",
        r"\max\{0,x\}",
        "np.maximum(0,x)",
    ],
    "(x max(0, 1))": ["xmax(0,1)", "x max(0,1)", "xMax(0,1)"],
    "sigmoid(z)": ["sigmoid(z)", "sigma(z)", "σ(z)", r"\sigma(z)", "logistic(z)", "Sigmoid(z)"],
    "sigmoid'(z)": [
        "sigmoid'(z)",
        "sigma'(z)",
        "σ'(z)",
        "σ′(z)",
        r"\sigma'(z)",
        r"\sigma^{\prime}(z)",
    ],
    "relu(z)": ["relu(z)", "ReLU(z)", "RELU(z)", r"\mathrm{ReLU}(z)", r"\text{relu}(z)"],
    "relu'(z)": ["relu'(z)", "ReLU'(z)", r"\operatorname{ReLU}'(z)"],
    "softmax((W1 w))": ["softmax(W1 w)", "softmax W_1 w", r"\operatorname{softmax}(W_1 w)"],
    "leaky_relu(z)": ["leaky_relu(z)", "LeakyReLU(z)", r"\text{leaky_relu}(z)"],
    "trace((Aᵀ A))": ["tr(A^T A)", "trace(A'A)", r"\operatorname{tr}(A^\top A)", "np.trace(A^T A)"],
    "diag(z)": ["diag(z)", "Diag(z)", r"\operatorname{diag}(z)", "diag z", "np.diag(z)"],
    "dot(z, b1)": ["dot(z,b1)", "np.dot(z, b1)", "z.dot(b1)"],
    "inv(A)": ["inv(A)", "np.linalg.inv(A)", "inverse(A)"],
    "sum(X, 1)": ["sum(X, 1)", "X.sum(axis=1)", "X.sum(1)", "np.sum(X, axis=1, keepdims=True)"],
    "mean(X, 0)": ["mean(X, 0)", "X.mean(axis=0)", "torch.mean(X, dim=-2)"],
    "sum(z)": ["sum(z)", "z.sum()", "np.sum(z)", "sum z"],
    "sum((z∘b1), 1)": ["(z∘b1).sum(1)"],
    # Sizes, ones and identities
    "ones(n)": ["ones(n)", "np.ones(n)", "ones((n,))", r"\mathbf{1}_n"],
    "ones(n, 1)": ["ones(n,1)", "ones((n,1))", "np.ones((n, 1))"],
    "(Xᵀ 𝟙)": [r"X^\top \mathbf{1}", "X^T 𝟙", r"X^T \mathbb 1"],
    "eye(n)": ["eye(n)", "I_n", "I_{n}", "np.eye(n)", "identity(n)", "I(n)", r"\mathbf{I}_n"],
    "((Xᵀ X) + (lam I))": [
        "X^T X + lam I",
        r"X^\top X+\lambda I",
        "XᵀX + λI",
        r"X'X+\lambda\mathbf{I}",
    ],
    "((1/n) x)": ["1/n x", r"\frac1n x"],
    # Arrays
    "<1, 2>": ["[1, 2]", "(1, 2)", "[1 2]", "np.array([1, 2])", r"\langle 1, 2\rangle", "[1,2,]"],
    "<<a, b; c, x>>": [
        "[[a,b],[c,x]]",
        "[a b; c x]",
        "[a, b; c, x]",
        "((a,b),(c,x))",
        r"\begin{pmatrix} a & b \\ c & x \end{pmatrix}",
        r"\begin{bmatrix}a&b\\c&x\\\end{bmatrix}",
        r"\left[\begin{array}{cc} a & b \\ c & x \end{array}\right]",
        "torch.tensor([[a, b], [c, x]])",
    ],
    "<<1, (-2); 3, 4>>": ["[1 -2; 3 4]", "[[1,-2],[3,4]]"],
    "<<(1 - 2); 3>>": ["[1 - 2; 3]"],
    "<<(2 x), (y^2); 0, sin(x)>>": ["[(2)x y^2; 0 sin(x)]", "[[2x,y^2],[0,sin x]]"],
    "<<a; b>>": [r"\begin{pmatrix}a\\b\end{pmatrix}", "[a; b]"],
    "<<1, 2>>": ["[[1,2]]", r"\begin{pmatrix}1 & 2\end{pmatrix}"],
    "(a b)": ["[a b]", "ab"],
    "(<1, 2> - <3, 4>)": ["(1,2) - (3,4)", "[1,2]-[3,4]"],
    # Sums over an index and sequences
    "Σ(t=1..T: h_{t})": [
        r"\sum_t h_t",
        "sum_t h_t",
        r"\sum_{t} h_{t}",
        "sum_{t=1}^{T} h_t",
        r"\sum_{t=1}^T h_t",
        r"\sum\limits_{t=1}^{T} h_{t}",
        "sum(t=1..T, h_t)",
        "∑_{t=1}^T h_t",
        "sum_(t=1)^T h_t",
        "sum_{t=1}^{T} h[t]",
    ],
    "(Σ(t=1..T: (h_{t}ᵀ h_{(t - 1)})) + x)": [r"\sum_{t=1}^T h_t^T h_{t-1} + x"],
    "((1/n) Σ(i=1..n: z_{i}))": [r"\frac1n\sum_{i=1}^n z_i", "1/n sum_{i=1}^{n} z_i"],
    "Σ(i=1..n: Σ(j=1..n: (A_{i, j}^2)))": [
        r"\sum_{i=1}^n \sum_{j=1}^n A_{ij}^2",
        "sum_{i=1}^n sum_{j=1}^n A_{i,j}^2",
        "sum(i=1..n, sum(j=1..n, A[i,j]^2))",
    ],
    "(h_{1} + h_{2})": ["h_1 + h_2", "h1+h2", "h₁ + h₂", "h[1]+h[2]", "h_{1}+h_{2}"],
    "h_{(T - 1)}": ["h_{T-1}", "h[T-1]"],
    "z_{1}": ["z[1]"],
    # Left-hand sides, displays and spacing
    "(x^2)": [
        "x^2",
        "y = x^2",
        "f(x) = x²",
        "dJ/dW = x^2",
        r"\frac{\partial J}{\partial W_1} = x^2",
        "∂L/∂W₁ = x^2",
        r"\nabla_W J = x^2",
        "y' = x^2",
        "= x^2",
        "$x^2$",
        r"\[ x^{2} \]",
        r"\(x^2\)",
        r"\boxed{x^2}",
        r"\displaystyle x^{2}",
        "x ^ 2",
        "x\n^2",
        "ｘ^２",
    ],
}
ROWS = [(spelling, tree.strip()) for tree, spelled in READINGS.items() for spelling in spelled]


@pytest.mark.parametrize(("spelling", "tree"), ROWS, ids=[spelling for spelling, _ in ROWS])
def test_each_spelling_is_read_as_its_tree(spelling, tree):
    assert full(read(spelling, SCOPE)) == tree


def test_the_table_is_large_enough():
    assert len(ROWS) > 500
    assert len(READINGS) > 120


# What other names in the part change.
OTHER_NAMES = [
    ("3.1E- 3", ["E"], "((31/10 E) - 3)"),
    ("3.1E-3", ["E"], "((31/10 E) - 3)"),
    ("3.1E-3", ["x"], "31/10000"),
    ("2e3", ["e"], None),
    ("e^x", ["e", "x"], "(e^x)"),
    ("(a) o (b)", ["a", "b", "o"], "((a o) b)"),
    ("theta", ["t", "h", "a"], "((((t h) e) t) a)"),
    ("sigma(x)", ["sigma", "x"], None),
    ("sigma*(x)", ["sigma", "x"], "(sigma*x)"),
    ("sin", ["s", "i", "n"], "((s i) n)"),
    ("sin x", ["s", "i", "n", "x"], "sin(x)"),
    ("Bacos(1)", ["B"], "(B acos(1))"),
    ("Bacos(1)", ["Bacos"], "(Bacos 1)"),
    ("longName longName", ["longName"], "(longName longName)"),
    ("dP", ["d", "P", "dP"], "dP"),
    ("dP", ["d", "P"], "(d P)"),
    ("xyz", ["xy", "z", "x", "y"], "(xy z)"),
    ("xyz", ["xy", "x", "yz"], "(x yz)"),
    ("f(x+1)", ["f", "x"], "(f (x + 1))"),
    ("x^T", ["x", "T"], "(x^T)"),
    ("x^T", ["x"], "xᵀ"),
    ("x_a3", ["x_a"], "(x_a 3)"),
    ("\\frac{dx_2}{dt}", ["d", "x_2", "t"], "((d x_2)/(d t))"),
    ("I x", ["I", "x"], "(I x)"),
    ("W^(2)", ["W", "W2"], "(W^2)"),
    ("W^{(2)}", ["W", "W2"], "W2"),
    ("W^(2)", ["W2"], "W2"),
    ("x'", ["x", "x'"], "x'"),
    ("f'(x)", ["f'", "x"], "(f' x)"),
    ("ε", ["epsilon"], "epsilon"),
    ("ϵ + \\varepsilon", ["eps", "ε"], "(ε + ε)"),
    ("é", ["é"], "é"),
]


@pytest.mark.parametrize(("spelling", "names", "tree"), OTHER_NAMES)
def test_the_names_of_a_part_decide(spelling, names, tree):
    scope = Scope.of(dict.fromkeys(names))
    if tree is None:
        with pytest.raises(NotationError):
            read(spelling, scope)
    else:
        assert full(read(spelling, scope)) == tree


# What is refused, where, and a part of the message.
REFUSED = [
    ("", 0, "no formula"),
    ("   ", 0, "no formula"),
    ("y =", 3, "missing"),
    ("foo", 0, "there is no foo"),
    ("x + foo(2)", 4, "no function foo"),
    ("what2", 0, "there is no what2"),
    ("yhat2", 0, "for a product write yhat*2"),
    ("yhst", 0, "did you mean yhat?"),
    ("y2", 0, "for a product write y*2, for a power y^2"),
    ("Dk", 0, "did you mean d_k?"),
    ("x_03", 0, "did you mean x_0?"),
    ("softmx(z)", 0, "did you mean softmax?"),
    ("N/A", 0, "there is no N"),
    ("f''(x)", 0, "there is no f"),
    ("x'", 1, "this is a number"),
    ("z '", 2, "right behind"),
    ("sin'(x)", 0, "write the derivative out"),
    ("sigma''(z)", 0, "write the derivative out"),
    ("0 < x > 1", 6, "one direction"),
    ("1{0<x=1}", 5, "one direction"),
    ("1{x=y=1}", 5, "one direction"),
    ("a < b = c", 6, "an = too many"),
    ("x = y = 2", 6, "= too many"),
    ("x^2 = 4", 4, "= too many"),
    ("2 = x", 2, "= too many"),
    ("x : 2", 2, ":"),
    ("|x", 0, "closing | missing"),
    ("|x_|", 1, "there is no x with an index"),
    ("[x)", 2, "must close"),
    ("(0, 1]", 5, "must close"),
    ("(2+3", 0, "closing ) missing"),
    ("x)", 1, "never opened"),
    (r"\left(x", 5, "closing ) missing"),
    (r"\lfloor x", 0, "closing ⌋ missing"),
    ("()", 1, "nothing between"),
    ("max()", 4, "something is missing"),
    ("sin", 0, "is a function"),
    ("log_x", 5, "something between the brackets"),
    ("sin(1, 2)", 0, "takes 1 argument, not 2"),
    ("binom(1)", 0, "takes 2 arguments, not 1"),
    ("x +", 3, "missing at the end"),
    ("* x", 0, "missing before *"),
    ("x ^", 3, "exponent is missing"),
    ("x^^2", 2, "missing before ^"),
    ("2 3", 2, "between two numbers"),
    ("1.2.3", 3, "between two numbers"),
    ("1,000", 0, "decimal comma"),
    ("1,2,3", 0, "decimal comma"),
    ("x^2, x^3", 3, "one formula"),
    ("{1, 2}", 0, "set"),
    ("x; y", 1, "rows"),
    ("nan", 0, "nan is not read"),
    ("-inf", 1, "inf is not read"),
    ("∞", 0, "infinity"),
    ("None", 0, "None is not read"),
    ("True", 0, "True is not read"),
    ("0x1F", 0, "base ten"),
    ("0b101 + x", 0, "base ten"),
    ("1_000", 0, "write 1000"),
    ("1'000", 0, "write 1000"),
    ("1e999", 0, "at most 900"),
    ("9" * 901, 0, "at most 900 digits"),
    ("x!!", 2, "!! is not read"),
    ("99!!!!", 3, "!! is not read"),
    ("x % y", 4, "percent"),
    ("lambda: 1", 6, ":"),
    ("(lambda x: x)(1)", 9, ":"),
    ("__import__('os')", 0, "missing before _"),
    ("x.subs(x, 1)", 1, "only .T"),
    ("U.T.tolist()", 3, "only .T"),
    ("'x'", 0, "missing before '"),
    ('"x"', 0, '"'),
    ("x # comment", 2, "#"),
    ("eval(x)", 0, "no function eval"),
    ("np.load(x)", 0, "no function load"),
    ("torch + 1", 0, "there is no torch"),
    ("x if y else a", 2, "there is no if"),
    ("the gradient is x", 4, "write the formula alone, no words"),
    ("gradient x", 0, "there is no gradient here"),
    ("x => y", 3, "missing before >"),
    ("x and y", 2, "and is not read"),
    ("x && y", 2, "can't follow"),
    ("&", 0, "missing before &"),
    (r"\input{x}", 0, "\\input is not read"),
    (r"\timesx", 0, "something is missing before"),
    ("\\", 0, "backslash"),
    (r"\sqrt12", 5, "braces"),
    (r"\frac{1}", 8, "fraction"),
    (r"\frac.5x", 5, "fraction"),
    (r"\frac1e3", 5, "fraction"),
    (r"\sum_t a", 5, "how far t runs"),
    (r"\sum_t z_t h_t", 5, "how far t runs"),
    (r"\sum_t h_{t+1}", 5, "how far t runs"),
    ("np.max(z, 0)", 0, "takes an axis"),
    ("np.vdot(z, z)", 0, "no function vdot"),
    ("z.max(0)", 1, "takes nothing"),
    ("where(x, 1, 0)", 0, "a comparison"),
    ("sum_{t=1} h_t", 0, "no upper bound"),
    ("z_i", 0, "there is no z_i"),
    ("[1, 2; 3]", 7, "row 2 has 1 entry, but row 1 has 2"),
    ("[[1,2],[3]]", 0, "rows of numbers"),
    (r"\begin{pmatrix}1&2\\3\end{pmatrix}", 20, "row 2 has 1 entry"),
    (r"\begin{pmatrix}1", 0, "closing \\end{...} missing"),
    ("[]", 1, "nothing between"),
    ("X.sum(axis=2)", 11, "axis is 0"),
    ("X.sum(foo=1)", 6, "there is no foo"),
    ("1[z]z[", 6, "missing at the end"),
    ("indicator(z)", 0, "of a comparison"),
    ("ln^-1 x", 0, "inverse function"),
    (r"\max_1(x)", 4, "no subscript"),
    (r"\|z\|_3", 5, "write others out"),
    ("х + 1", 0, "U+0445"),
    ("x + ａ\u0301", 5, "is not read"),
    ("x\x00", 1, "invisible character"),
    ("x \u202e+ 1", 2, "invisible character"),
    ("😀", 0, "😀"),
    ("(" * 5000, 51, "nested more than 50"),
    ("-" * 5000, 51, "nested more than 50"),
    ("sqrt(" * 100, None, "nested more than 50"),
    ("x^" * 1000 + "x", None, "nested more than 50"),
    ("+".join("x" * 1000), None, "more than 200 operations in a row"),
    ("U" + "^T" * 1000, None, "more than 200 operations in a row"),
    ("x" * 1000, 0, "there is no xxxxxxxxxxxxxxxxx..."),
    ("x+" * 500_000 + "x", None, "at most 10,000"),
]


@pytest.mark.parametrize(
    ("text", "position", "problem"), REFUSED, ids=[text[:30] for text, _, _ in REFUSED]
)
def test_what_is_refused(text, position, problem):
    with pytest.raises(NotationError) as refusal:
        read(text, SCOPE)
    assert problem in refusal.value.problem
    if position is not None:
        assert refusal.value.position == position


def test_nodes_know_their_place_in_the_text_as_typed():
    first, product = read("x + 2²·U", SCOPE).children()
    power, last = product.children()
    assert [node.at for node in (first, power, product, last)] == [0, 5, 6, 7]


def test_a_place_inside_a_run_of_letters():
    assert [node.at for node in read("2axy", SCOPE).children()] == [2, 3]


FRAGMENTS = r"""
a x U W1 yhat_1 h_t sin log relu' e pi max( abs I 1 2 10 .5 1e3 0x 1_0 _ ^ ^T ' ! % + - * / @ ∘
( ) [ ] { } | || , ; & = < >= .. $ \\ \frac \sqrt \, \mathrm \hat{y} \hat \mathbf{1} ^{(1)} \sum
sum_{t=1}^{T} \begin{pmatrix} \end{pmatrix} \left| \right| \| np. .T .sum( axis=1
𝟙 ² ᵀ ₁ ½ √ θ ŷ ⌊ ⌋ é
"""
PIECES = st.sampled_from([*FRAGMENTS.split(), "\u0302", "\x00", "\u202e", " ", "\n"])
TEXTS = st.one_of(
    st.text(max_size=2000),
    st.text(alphabet="abxyUWT_^'()[]{}|+-*/.,;=<>!%&\\ 0123456789", max_size=2000),
    st.lists(PIECES, max_size=40).map("".join),
    st.lists(PIECES, max_size=40).map(" ".join),
    st.tuples(PIECES, PIECES, st.integers(1, 300)).map(lambda t: ((t[0] + t[1]) * t[2])[:2000]),
)


@settings(max_examples=500)
@given(TEXTS)
@example("\\frac1e3")
@example("||" * 1000)
@example("[" * 2000)
@example("{\\hat" * 400)
@example("U" + "'" * 1999)
def test_any_text_is_read_or_refused_with_bounded_work(text):
    def work():
        try:
            place = read(text, SCOPE).at
        except NotationError as refusal:
            place = -1 if refusal.position is None else refusal.position
        assert 0 <= place <= len(text)

    assert calls(work) < 250 * len(text) + 20_000


NAMES = st.from_regex(
    r"[A-Za-z](hat|bar)?(_?[0-9]{1,2}|_[a-z]{1,3})?|(delta|theta)(_?[0-9])?", fullmatch=True
).filter(lambda name: name.lower() not in ("pi", "e"))


@given(NAMES)
def test_a_declared_name_is_read_in_each_of_its_spellings(name):
    scope = Scope.of({name: None})
    for spelling in [name, *variants(name)]:
        assert read(spelling, scope) == Name(name)
