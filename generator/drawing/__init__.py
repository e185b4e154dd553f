"""Makers of figures, in the vocabulary of `generator.model.figure`.

`graphs` draws layered graphs, `plots` functions, `grids` pixel patterns. `collisions` says what in
a figure is written over what, and `placing` finds places for labels where nothing is.
"""
