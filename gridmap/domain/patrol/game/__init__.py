"""Patrols that cannot be foretold: which plans to draw from, how likely each, and what that is worth."""
