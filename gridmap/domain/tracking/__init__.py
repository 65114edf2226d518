"""Tracks of patrols held against railway lines: which metres were truly inspected, from which side."""
