"""Formulas: text or LaTeX to a tree, the tree's shapes, its values, and back to text and LaTeX.

read(text, scope)      -> Tree     names known, shapes not yet looked at      (parsing)
typed(tree, scope)     -> Typed    every product decided, every node shaped   (shapes)
evaluate(typed, points)-> values   at many points at once                     (evaluating)
text(tree), latex(tree)-> str      with the fewest brackets                   (printing)
"""
