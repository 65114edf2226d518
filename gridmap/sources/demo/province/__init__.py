"""A whole made-up province, for seeing the map at its full size."""
