"""The outside world turned into checked tables."""
