"""A mixed strategy by column generation: better plans are priced in until time is over or the bound is near.

Plans are learnt first, each an answer to who attacks where those before it lose most. Then two programs work together.
The one over routes says what coming to a place would be worth, and with relaxed routes (`pricing`) gives a bound in the
manner of Lagrange that holds for every strategy. The one over joint plans is what can be drawn; its plans are gathered
for these prizes (`harvest`), put together from known routes (`pool`), and asked of the planner (`oracle`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from scipy.sparse import csc_array

from gridmap.domain.patrol.efforts import check_effort
from gridmap.domain.patrol.game.crews import Watch, find_crews
from gridmap.domain.patrol.game.game import FloatArray, Game, JointPlan, Missed, Strategy, cover
from gridmap.domain.patrol.game.harvest import Harvester
from gridmap.domain.patrol.game.knapsack import bound_by_time
from gridmap.domain.patrol.game.masters import Answer, Box, Duals, Stakes, solve_master
from gridmap.domain.patrol.game.oracle import plan_for
from gridmap.domain.patrol.game.pool import RoutePool
from gridmap.domain.patrol.game.pricing import Offer, Pricing
from gridmap.domain.patrol.game.warming import compile_game
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.solution import TeamRoute, Visit
from gridmap.domain.patrol.solver import Effort
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, Cancelled

_NEAR = 0.002
"""A gap below which nothing is gained by going on."""

_PENALTY = 20.0
_LEARN_UNTIL, _TIGHTEN_SHARE = 0.45, 0.8
"""Shares of the time: plans are learnt until then; of what comes after it the bound may take so much."""

_LEARN_STEPS = 8
"""Plans learnt for each round where rounds are counted."""

_SHARP, _SHARP_FROM = 30.0, 50
"""How strongly somebody prefers what loses more, by the worst loss; less before so many plans are known."""

_FORGET, _FAINT = 0.98, 0.01
"""Share of the attacks before in their running mean, which the bound begins with, and what of it is left out there:
places attacked so much less often than the one most often attacked."""

_FLOORS_BY, _SHORT, _FLOOR_WORTH = 0.6, 0.02, 3.0
"""After this share of the time, least probabilities that are still missed are taken back to what is reached. A place
that is short by `_SHORT` or more is worth so many times as much as any other while plans are learnt."""

_ROOM, _WIDER, _NARROWER = 0.06, 1.5, 3.0
"""How far the duals that routes are priced by may lie from the best so far, as a share; so many times as far after each
step by which the bound rose, a third as far after one by which it did not."""

_PLANNER_EVERY, _PLANNER_STEPS = 25, 200
_COMBINED = 6
_LEARN_RUINS, _HARVEST_RUINS = 100, 600
_MOST_PLANS = 1500
_TINY = 1e-9


@dataclass(frozen=True)
class GameEffort:
    """How long to search: so many `rounds` where given, which makes it reproducible by its seed, else `seconds`."""

    seconds: float = 60.0
    rounds: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        check_effort(seconds=self.seconds, iterations=self.rounds)


def solve_game(
    game: Game, *, effort: GameEffort, progress: Progress = silent, clock: Callable[[], float] = time.monotonic
) -> Strategy:
    """The best strategy found, with a bound.

    When `progress` raises `Cancelled` the search ends and what is best so far is returned, `stopped_early` set.
    Compiling, once on a machine, is not counted as time of the search.
    """
    compile_game()
    return _Search(game, effort, progress, clock).run()


class _Search:
    """One run: what is known so far of routes, plans and the bound."""

    def __init__(self, game: Game, effort: GameEffort, progress: Progress, clock: Callable[[], float]) -> None:
        problem = game.problem
        self._game, self._effort, self._progress = game, effort, progress
        self._clock = clock
        self._began = self._clock()
        self._rng = np.random.default_rng(effort.seed)
        self._crews = find_crews(problem)
        self._crew_of = {team: crew for crew, members in enumerate(self._crews) for team in members.teams}
        self._watch = Watch(problem)
        self._harvester = Harvester(problem, self._watch)
        self._pricing = [Pricing(problem, crew) for crew in self._crews]
        self._pool = RoutePool(problem, self._crews)
        self._loops: list[tuple[int, FloatArray]] = []
        self._plans: list[JointPlan] = []
        self._known: set[frozenset[int]] = set()
        self._joint: Answer | None = None
        self._targets = np.array(sorted(self._add_singles()), np.int64)
        loss = game.loss[self._targets]
        self._stakes = Stakes(loss, game.least[self._targets], _PENALTY * float(loss.max(initial=1.0)))
        self._fair = (1 / loss) / max(float((1 / loss).sum()), _TINY)
        self._missed: tuple[Missed, ...] = ()
        self._by_time = bound_by_time(game, self._targets)
        self._bound = -np.inf
        self._centre: Duals | None = None
        self._room = _ROOM
        self._tightening_s = self._last_tightening_s = 0.0
        self._rounds = 0

    def run(self) -> Strategy:
        """Rounds until the effort is spent."""
        stopped = False
        if len(self._targets):
            try:
                self._begin()
                while not self._is_done():
                    self._run_round()
            except Cancelled:
                stopped = True
            if not self._plans:
                self._add_plan(self._harvest(self._spread(self._stakes.loss), ruins=_LEARN_RUINS))
        answer = self._solve_joint()
        if answer.missing.sum() > 1e-6:
            self._take_back(answer)
        return self._write(answer, stopped)

    def _begin(self) -> None:
        self._add_plan(self._ask_planner(self._spread(self._stakes.loss)))
        self._learn()

    def _learn(self) -> None:
        """Answer, plan after plan, somebody who goes where the plans before lose most.

        Multiplicative weights (Freund and Schapire, "Adaptive game playing using multiplicative weights", Games and
        Economic Behavior 29, 1999): the duals of a program over few plans swing to and fro, these weights do not.
        """
        stakes = self._stakes
        seen: FloatArray = np.zeros(len(self._targets))
        for step in count(1):
            coverage = seen / max(step - 1, 1)
            lost = stakes.loss * (1 - coverage)
            attack = np.exp(_SHARP * min(1.0, step / _SHARP_FROM) * (lost / max(lost.max(), _TINY) - 1))
            attack /= attack.sum()
            self._fair = _FORGET * self._fair + (1 - _FORGET) * attack
            worth = attack * stakes.loss
            worth += _FLOOR_WORTH * worth.max() * np.clip((stakes.least - coverage) / _SHORT, 0.0, 1.0)
            plan = self._harvest(self._spread(worth), ruins=_LEARN_RUINS)
            self._add_plan(plan)
            seen += cover((plan,), len(self._game.loss))[0][self._targets]
            if self._ends_learning(step):
                break

    def _ends_learning(self, step: int) -> bool:
        share = self._tick()
        if self._effort.rounds is not None:
            return step >= _LEARN_STEPS * self._effort.rounds
        return share >= _LEARN_UNTIL

    def _run_round(self) -> None:
        answer = self._solve_joint()
        if self._tightens():
            began = self._clock()
            self._tighten()
            self._last_tightening_s = self._clock() - began
            self._tightening_s += self._last_tightening_s
        self._widen(self._spread(answer.duals.worth(self._stakes)))
        self._rounds += 1
        if self._share() >= _FLOORS_BY and not self._missed and answer.missing.sum() > 1e-6:
            self._take_back(self._solve_joint())

    def _share(self) -> float:
        if self._effort.rounds is not None:
            return self._rounds / self._effort.rounds
        return (self._clock() - self._began) / self._effort.seconds

    def _tick(self) -> float:
        """Tell how far it is; raises Cancelled where somebody stopped it."""
        self._progress(min(1.0, self._share()), N_("Looking for patrols that cannot be foretold"))
        return self._share()

    def _is_done(self) -> bool:
        objective = self._solve_joint().objective
        return self._tick() >= 1.0 or objective <= (1 + _NEAR) * max(self._bound, 0.0) + _TINY

    def _tightens(self) -> bool:
        if self._effort.rounds is not None:
            return True
        elapsed = self._clock() - self._began
        if elapsed + self._last_tightening_s > self._effort.seconds:
            return False
        return self._tightening_s <= _TIGHTEN_SHARE * (elapsed - _LEARN_UNTIL * self._effort.seconds)

    # --- bound ---------------------------------------------------------------------------------------------------

    def _tighten(self) -> None:
        """Price relaxed routes by the duals of the program over routes that lie around the best before."""
        duals = self._best_duals()
        if self._loops:
            duals = self._solve_routes(duals).duals
        worth = self._spread(duals.worth(self._stakes))
        known = [(1 - _NEAR) * self._pool.most(crew, worth) for crew in range(len(self._crews))]
        with ThreadPoolExecutor(2) as threads:
            offers = list(
                threads.map(lambda crew: self._pricing[crew].offer(worth, known=known[crew]), range(len(known)))
            )
        bound = duals.level(self._stakes) - sum(
            crew.size * offer.most for crew, offer in zip(self._crews, offers, strict=True)
        )
        if bound > self._bound:
            self._room *= 1.0 if self._centre is None else _WIDER
            self._bound, self._centre = bound, duals
        else:
            self._room /= _NARROWER
        self._keep_loops(offers, worth)

    def _best_duals(self) -> Duals:
        """Those of the best bound, before there is one halfway from those learnt to those of the working hours.

        Halfway between two the bound is no worse than their mean, and mostly better than either.
        """
        nothing = np.zeros_like(self._fair)
        attack = np.where(self._fair < _FAINT * self._fair.max(), 0.0, self._fair)
        return self._centre or Duals((attack / attack.sum() + self._by_time.attack) / 2, nothing, nothing)

    def _keep_loops(self, offers: list[Offer], worth: FloatArray) -> None:
        """Relaxed routes make the next duals better; without their repetitions they are routes."""
        for crew, offer in enumerate(offers):
            for visits in offer.routes:
                times = np.bincount([visit.job for visit in visits], minlength=len(worth))[self._targets]
                self._loops.append((crew, times.astype(np.float64)))
                self._pool.add(crew, self._watch.trim(self._crews[crew].teams[0], visits, worth=worth.tolist()))

    def _solve_routes(self, near: Duals) -> Answer:
        """The program over relaxed routes and over those that are worth most by the duals `near`."""
        columns, groups = self._pool.list_columns(self._targets, self._spread(near.worth(self._stakes)))
        if self._loops:
            columns = np.vstack([columns, *(times for _, times in self._loops)])
            groups = np.concatenate([groups, [crew for crew, _ in self._loops]])
        sizes = np.array([float(crew.size) for crew in self._crews])
        box = Box.around(near.attack, room=self._room)
        return solve_master(self._stakes, csc_array(columns.T), groups, sizes, once=True, box=box)

    def _spread(self, values: FloatArray) -> FloatArray:
        """Values of the targets as values of all jobs, 0 for the others and where they are below."""
        spread = np.zeros(len(self._game.loss))
        spread[self._targets] = np.maximum(values, 0.0)
        return spread

    def _add_singles(self) -> set[int]:
        """Routes to one job each; returns the jobs that any team can do."""
        reached: set[int] = set()
        for crew, members in enumerate(self._crews):
            for job, way in self._game.problem.places():
                if self._watch.fits(members.teams[0], (Visit(job, way),)):
                    self._pool.add(crew, (Visit(job, way),))
                    reached.add(job)
        return reached

    # --- joint plans ---------------------------------------------------------------------------------------------

    def _solve_joint(self) -> Answer:
        """The program over the plans known now; solved once for the same ones."""
        if self._joint is None:
            self._joint = self._solve_plans()
        return self._joint

    def _solve_plans(self) -> Answer:
        seen = cover(tuple(self._plans), len(self._game.loss))[:, self._targets]
        columns = csc_array(seen.T.astype(np.float64))
        return solve_master(self._stakes, columns, np.zeros(len(seen), np.int64), np.ones(1), once=False)

    def _widen(self, worth: FloatArray) -> None:
        """Joint plans that would help by the duals of the joint program, `worth`, and those of the routes."""
        if len(self._plans) > _MOST_PLANS:
            shares = self._solve_joint().shares
            self._plans = [plan for plan, share in zip(self._plans, shares, strict=True) if share > _TINY]
            self._joint = None
        centre = self._spread(self._best_duals().worth(self._stakes))
        for asked in (centre, (worth + centre) / 2, worth):
            self._add_plan(self._harvest(asked, ruins=_HARVEST_RUINS))
            self._add_plan(self._pool.combine(asked, self._rng))
            self._tick()
        for _ in range(_COMBINED):
            self._add_plan(self._pool.combine(worth, self._rng))
        if self._rounds % _PLANNER_EVERY == _PLANNER_EVERY - 1:
            self._add_plan(self._ask_planner(centre))

    def _add_plan(self, plan: JointPlan) -> None:
        if plan.jobs not in self._known:
            self._known.add(plan.jobs)
            self._plans.append(plan)
            self._joint = None

    def _harvest(self, worth: FloatArray, *, ruins: int) -> JointPlan:
        seed = int(self._rng.integers(2**31))
        gathered = self._harvester.gather(worth, rounds=ruins, seed=seed)
        for team, visits in gathered:
            self._pool.add(self._crew_of[team], visits)
        starts = self._game.problem.teams
        return JointPlan(tuple(TeamRoute(team, starts[team].shift_start_s, visits) for team, visits in gathered))

    def _ask_planner(self, worth: FloatArray) -> JointPlan:
        seed = int(self._rng.integers(2**31))
        if self._effort.rounds is None:
            effort = Effort(seconds=self._effort.seconds / 60, seed=seed)
        else:
            effort = Effort(iterations=_PLANNER_STEPS, seed=seed)
        plan = plan_for(self._game.problem, worth, effort=effort)
        for route in plan.routes:
            self._pool.add(self._crew_of[route.team], route.visits)
        return plan

    # --- floors and the answer -----------------------------------------------------------------------------------

    def _take_back(self, answer: Answer) -> None:
        """Ask for no more than what is reached; what was asked for is named."""
        short = np.flatnonzero(answer.missing > 1e-6)
        least = self._stakes.least.copy()
        least[short] = np.maximum(0.0, least[short] - answer.missing[short] - 1e-7)
        known = {missed.job: missed.least for missed in self._missed}
        asked = [known.get(int(self._targets[i]), float(self._stakes.least[i])) for i in short]
        self._missed += tuple(
            Missed(int(self._targets[i]), wanted, float(least[i])) for i, wanted in zip(short, asked, strict=True)
        )
        self._stakes, self._joint = replace(self._stakes, least=least), None
        self._bound, self._centre, self._room = -np.inf, None, _ROOM

    def _write(self, answer: Answer, stopped: bool) -> Strategy:
        game = self._game
        drawn = [i for i, share in enumerate(answer.shares) if share > _TINY]
        plans = tuple(self._with_breaks(self._plans[i]) for i in drawn)
        probability = answer.shares[drawn] / answer.shares[drawn].sum() if drawn else np.zeros(0)
        coverage = probability @ cover(plans, len(game.loss))
        value = float((game.loss * (1 - coverage))[self._targets].max(initial=0.0))
        return Strategy(
            plans=plans,
            probability=probability,
            coverage=coverage,
            value=value,
            bound=min(value, max(self._bound, self._by_time.value)),
            unreachable=(*game.problem.unserved, *self._list_unreachable()),
            missed=self._missed,
            rounds=self._rounds,
            stopped_early=stopped,
        )

    def _with_breaks(self, plan: JointPlan) -> JointPlan:
        """The plan with the rests of its teams."""
        return JointPlan(
            tuple(
                replace(route, breaks=self._watch.place_breaks(route.team, route.visits) or ()) for route in plan.routes
            )
        )

    def _list_unreachable(self) -> list[Unserved]:
        problem, reached = self._game.problem, set(self._targets.tolist())
        found: list[Unserved] = []
        for position, job in enumerate(problem.jobs):
            if position not in reached:
                able = any(job.skills <= team.skills for team in problem.teams)
                found += [Unserved(task, Reason.SHIFT_TOO_SHORT if able else Reason.NO_TEAM) for task in job.tasks]
        return found
