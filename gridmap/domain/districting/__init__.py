"""Cells and the units responsible for them: contiguity, balance, colouring."""
