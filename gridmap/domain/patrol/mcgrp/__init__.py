"""The mixed capacitated general routing problem: required nodes, edges and arcs, one depot, one capacity."""
