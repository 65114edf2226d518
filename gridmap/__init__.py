"""One map for grid management and railway protection of a county, a city or a province."""

__version__ = "0.1.0"
