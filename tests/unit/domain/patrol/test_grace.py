"""The price of shifts that are overrun while a search goes on."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.patrol.mcgrp.chance import build_chance
from gridmap.domain.patrol.rich.annealing import Scratch, Tuning, build_scratch, construct
from gridmap.domain.patrol.rich.board import PRIZE, Board, build_board
from gridmap.domain.patrol.rich.grace import Grace
from gridmap.domain.patrol.rich.rows import COST, GRACE_PRICE, GRACE_S, OVER, ROUTE, Plan, build_plan
from tests.rich_worlds import build_rich_problem


def fill(jobs: int) -> tuple[Board, Plan, Scratch]:
    """A plan of two teams in which is whatever fits of so many jobs."""
    board = build_board(build_rich_problem(3, jobs=jobs, teams=2, rich=False))
    plan = build_plan(board)
    scratch = build_scratch(board, plan)
    construct(board, plan, scratch, Tuning(5.0, 5.0, jobs, 0.0), build_chance(1))
    return board, plan, scratch


def add_all(board: Board, plan: Plan, scratch: Scratch) -> None:
    construct(board, plan, scratch, Tuning(5.0, 5.0, len(board.job), 0.0), build_chance(1))


def test_shifts_are_overrun_for_what_is_left_out_and_the_price_rises_until_none_is() -> None:
    board, plan, scratch = fill(60)
    left_out = int(scratch.missing[0])
    grace = Grace(board, plan, scratch, seconds=3600)
    add_all(board, plan, scratch)
    assert scratch.missing[0] < left_out
    assert plan.row[:, OVER].any()
    missing = plan.where[:, ROUTE] < 0
    price = int(plan.grace[GRACE_PRICE])
    grace.swing(0.1)
    assert plan.grace[GRACE_PRICE] > price
    assert scratch.total[0] == plan.row[:, COST].sum() + board.job[missing, PRIZE].sum()


def test_the_price_falls_while_no_shift_is_overrun_and_near_the_end_there_is_no_grace() -> None:
    board, plan, scratch = fill(60)
    grace = Grace(board, plan, scratch, seconds=3600)
    price = int(plan.grace[GRACE_PRICE])
    grace.swing(0.1)
    assert plan.grace[GRACE_PRICE] < price
    assert plan.grace[GRACE_S] == 3600
    grace.swing(0.95)
    assert plan.grace[GRACE_S] == 0
    assert scratch.total[0] == scratch.total[1]


@pytest.mark.parametrize("jobs", [2, 5])
def test_where_all_fits_no_shift_is_overrun(jobs: int) -> None:
    board, plan, scratch = fill(jobs)
    assert np.all(plan.where[:, ROUTE] >= 0)
    Grace(board, plan, scratch, seconds=3600)
    assert plan.grace[GRACE_S] == 0
