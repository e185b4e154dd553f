"""What is fast is shown here, in one run against what a user would pick instead."""
