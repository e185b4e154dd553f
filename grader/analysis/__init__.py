"""What a class made of a sheet: statistics, hints, named mistakes, and the page that shows them.

gather(reports)   -> Gathered   counters and columns, one report at a time      (gathering)
analyse(reports)  -> Analysis   the numbers and what they hint at               (analysing)
tree(analysis)    -> JSON       the same as data                                (data)
page(analysis)    -> HTML       one self-contained file, with plots as SVG      (page, plots)
"""

from grader.analysis.analysing import Analysis, analyse
from grader.analysis.data import tree
from grader.analysis.gathering import Seen, drawn_features
from grader.analysis.page import page

__all__ = ["Analysis", "Seen", "analyse", "drawn_features", "page", "tree"]
