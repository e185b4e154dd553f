"""From a sheet, by templates, to LaTeX, PDF, forms, text and HTML."""
