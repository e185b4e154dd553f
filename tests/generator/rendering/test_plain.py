from __future__ import annotations

import pytest

from generator.model.errors import AuthoringError
from generator.rendering.plain import plain


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("A node $v$ feeds\n$h_k = s_k(z_k)$.", "A node v feeds h_k = s_k(z_k)."),
        (r"$\frac{\partial L}{\partial h_1}$", "∂L/∂h_1"),
        (r"$-\dfrac{1}{8}$, $\frac{a + b}{2c d}$", "-1/8, (a + b)/(2c d)"),
        (r"$\begin{bmatrix} 1 \\ -2 \end{bmatrix}$", "(1, -2)"),
        (r"$\begin{bmatrix} 1 & 2 \\[3pt] 3 & 4 \end{bmatrix}$", "[1 2; 3 4]"),
        (r"$\begin{bmatrix} a + b & 2 \\ 3 & 4 \end{bmatrix}$", "[a + b, 2; 3, 4]"),
        (r"$a\odot b \le \operatorname{ReLU}(x)\cdot 2$", "a ⊙ b ≤ ReLU(x) · 2"),
        (r"$W_1^{\mathsf T} z$, $W^\top$, $e^{a_k}$, $x_{ij}$", "W_1^T z, W^T, e^(a_k), x_ij"),
        (r"$e^{2x} + e^{-x} + x^{12} + e^x$", "e^(2x) + e^(-x) + x^12 + e^x"),
        (r"$\ln\tfrac{3}{2} + \ln \frac{1}{4} + \ln 2$", "ln(3/2) + ln (1/4) + ln 2"),
        (r"$x \tfrac{1}{2}$, $\frac{1}{2} \ln 3$", "x 1/2, 1/2 ln 3"),
        (r"$g = \begin{cases} 1.1\,x & x > 0, \\ 0.2 (e^x - 1) & x \le 0. \end{cases}$",
         "g = { 1.1 x if x > 0; 0.2 (e^x - 1) if x ≤ 0 }"),
        (r"$a \ne 0$, $s'(z)$, $0.1\,z$", "a ≠ 0, s′(z), 0.1 z"),
        (r"$\left(1,\ 2\right)$", "(1, 2)"),
        (r"$g = \begin{cases} 1 & \text{if } z > 0, \\ 0 & \text{else.} \end{cases}$",
         "g = { 1 if z > 0; 0 else }"),
        (r"\emph{one} \textbf{two} 50\,\% of \$5 {-} \textless{}x", "one two 50 % of $5 - <x"),
        ("a\n\nb % c\nd", "a\n\nb d"),
        (r"Let \[ x = 1, \qquad y = 2. \] So", "Let\n    x = 1,   y = 2.\nSo"),
        ("\\begin{align*} a &= b\\\\ &= c \\end{align*}", "    a = b\n    = c"),
        (r"\begin{enumerate} \item[(a)] one \item two \end{enumerate}", "  (a) one\n  2. two"),
        ("\\begin{itemize}\\item one\\end{itemize}", "  - one"),
        (r"\begin{tabular}{c|c} a & b \\ \hline $c_1$ & d \end{tabular}", "    a    b\n    c_1  d"),
        (r"$\unheardof x$", "unheardof x"),
    ],
)  # fmt: skip
def test_the_text_of(tex: str, expected: str) -> None:
    assert plain(tex) == expected


def test_paragraphs_are_wrapped_and_long_formulas_broken() -> None:
    text = plain(r"word " * 30 + r"\[ a = " + "+ b " * 20 + "= " + "+ c " * 20 + r"\]", width=60)
    assert max(map(len, text.split("\n"))) <= 8 + 2 * 40 + 4
    assert text.split("\n")[-1].startswith("        = + c")


def test_latex_that_does_not_parse_is_an_error() -> None:
    with pytest.raises(AuthoringError):
        plain(r"\begin{itemize} $x")
