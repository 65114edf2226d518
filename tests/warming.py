"""Every kernel compiled before the tests begin: `python -m tests.warming`."""

from __future__ import annotations

from gridmap.domain.districting.warming import compile_districting
from gridmap.domain.patrol.game.warming import compile_game
from gridmap.domain.patrol.mcgrp.warming import compile_search
from gridmap.domain.patrol.rich.warming import compile_planner
from gridmap.domain.roads.warming import compile_engine

if __name__ == "__main__":
    compile_planner()
    compile_search()
    compile_engine()
    compile_game()
    compile_districting()
