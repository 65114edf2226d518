"""Railway lines, mileage, segments and the ways to reach them."""
