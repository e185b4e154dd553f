"""The commands of `grader`, one module each; `grader.cli` registers them."""
