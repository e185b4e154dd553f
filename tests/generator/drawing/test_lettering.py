"""The estimated sizes of labels beside those that TeX finds."""

from __future__ import annotations

import re

import pytest

from generator.drawing.lettering import spoken, text_size
from generator.rendering.typesetting import find_engine, typeset_with_log

POINT = 0.03515  # centimetres
LABELS = [
    "x", "h_1", "W_{xh}", "-0.25", "0.7311", "z = -6", "(2, -1)", "x_1x_2", "e^{-x}", "M", "m",
    r"W\mathbf{x}", r"\mathbf{z} = W\mathbf{x} + \mathbf{b}", r"\operatorname{ReLU}", r"\tanh",
    r"-\log \hat y_y", r"\frac{\partial L}{\partial W_1}", r"\frac{1}{4}", r"-\frac{\pi}{2}",
    r"\sigma'(z_1)", r"h^{(2)}_1", r"\delta^{(2)}", r"\sqrt{x + 1}", r"W^\top\delta", r"a\odot b",
    r"\begin{bmatrix} 1 \\ -2 \\ 3 \end{bmatrix}", r"\begin{bmatrix} 1 & 0 \\ -2 & 5 \end{bmatrix}",
    r"\text{input layer}", r"\hat{\mathbf{y}} - \mathbf{y}", r"\max(0, x)", r"\times", r"\ell(x)",
    r"L = \frac{1}{2}(\hat y - y)^2", r"\alpha = 0.1", r"y \leq 2", r"\lambda", r"x \to y",
]  # fmt: skip


def measured() -> list[tuple[float, float]]:
    boxes = "\n".join(
        rf"\sbox\here{{${label}$}}\typeout{{SIZE \the\wd\here\space\the\ht\here\space\the\dp\here}}"
        for label in LABELS
    )
    preamble = r"\documentclass[11pt]{article}\usepackage{amsmath, lmodern}\newsavebox\here"
    source = rf"{preamble}\begin{{document}}{boxes} x\end{{document}}"
    log = typeset_with_log(source, "sizes", find_engine())[1]
    found = re.findall(r"SIZE ([\d.]+)pt ([\d.]+)pt ([\d.]+)pt", log)
    return [(float(w) * POINT, (float(h) + float(d)) * POINT) for w, h, d in found]


def test_estimates_are_near_what_tex_finds() -> None:
    sizes = measured()
    assert len(sizes) == len(LABELS)
    for label, (width, height) in zip(LABELS, sizes, strict=True):
        estimate = text_size(label)
        assert width - 0.12 < estimate[0] < 1.2 * width + 0.1, label
        assert height - 0.11 < estimate[1] < 1.3 * height + 0.1, label


def test_small_text_is_smaller() -> None:
    assert text_size("x_1", small=True) < text_size("x_1")
    assert text_size("") < text_size("x")


@pytest.mark.parametrize("tex", ["{", "}", r"\frac", "x^", r"\begin{bmatrix} 1", "_", r"\sqrt"])
def test_unfinished_formulas_have_a_size_too(tex: str) -> None:
    assert text_size(tex)[0] >= 0


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{1}{2} W_1", "1/2 W_1"),
        (r"\operatorname{ReLU}", "ReLU"),
        (r"\sigma(z)", "sigma(z)"),
        ("-0.5", "-0.5"),
        (r"\text{class I}", "class I"),
    ],
)
def test_what_is_read_aloud(tex: str, said: str) -> None:
    assert spoken(tex) == said
