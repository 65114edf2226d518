"""A fictional county, generated: a river valley with its towns, roads and railways, the same for the same seed."""
