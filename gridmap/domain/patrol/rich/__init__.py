"""The search of the rich patrol model: teams of several kinds, posts, windows, breaks, visits apart, prizes."""

PLANNER = "planner"
"""What the kernels of the search are called where machine code is kept."""
