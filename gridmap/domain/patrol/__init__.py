"""Patrol planning: problem, solver, plan and the checker that trusts none of them."""
