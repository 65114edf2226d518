"""Memory: tables, journal and one repository module per feature."""
