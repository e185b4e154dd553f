"""Grading: one answer or a class of them, each mark explained."""
