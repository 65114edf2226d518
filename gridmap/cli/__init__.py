"""The same use cases from a terminal: one module per feature, each with its commands."""
