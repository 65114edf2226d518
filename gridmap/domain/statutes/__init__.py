"""Distances that the law sets around railways: rules as data, and how far a place lies from their origins."""
