"""`python -m generator` is the program `generator`."""

from generator.cli import main

main()
