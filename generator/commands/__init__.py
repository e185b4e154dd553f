"""The commands of the program `generator` that need a module of their own."""
