"""The search of the rich patrol model: teams of several kinds, posts, windows, breaks, visits apart, prizes."""
