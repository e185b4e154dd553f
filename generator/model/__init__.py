"""What the generator and the grader share: pure data and pure functions."""
