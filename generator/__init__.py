"""gradsheet's generator: draws certified exercises and writes sheets, solutions, forms and keys."""
