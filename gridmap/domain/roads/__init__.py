"""The road network as arrays, and the shortest paths over it."""
