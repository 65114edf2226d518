"""Domain values turned into maps, legends, charts and documents."""
