"""Derivatives of a network of matrix operations, by reverse mode: in letters and in numbers.

    term        a formula with its shape; + - * @ .T build larger ones
    activations slopes of activation functions, from the pre-activation or from the output
    operations  what a node computes, and how a gradient passes back through it
    network     the graph: forward values, backward steps, gradients, edges and their counts

The one source of truths for exercises about backpropagation. Their `verify()` does not use it.
"""
