"""A hazard beside a line goes to both section chiefs; each takes note of it for its own side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.hazards import OPEN
from gridmap.domain.railways.chief_rows import refuse_telephone
from gridmap.domain.railways.chiefs import PARTIES, Chief, find_post
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.chiefs import load_posts
from gridmap.services.context import Context
from gridmap.store import referrals as store
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork


def list_referrals(
    context: Context,
    actor: Actor,
    *,
    hazard_id: int | None = None,
    line_id: int | None = None,
    office: str | None = None,
    waiting: bool = False,
) -> pd.DataFrame:
    """To whom the hazards in scope went, of one hazard, beside a line, to one post, where given; "" is a vacant post.

    Of a single hazard whatever its state, else of open ones. With `waiting` only those that nobody took note of yet.

    Columns: those of `store.referrals.load_referrals`.
    """
    check_allowed(actor, Permission.VIEW)
    states = OPEN if hazard_id is None else None
    with context.database.read() as connection:
        found = store.load_referrals(
            connection, scope=actor.scope_code, hazard_id=hazard_id, line_id=line_id, states=states
        )
    if office is not None:
        found = found[found["office"] == office]
    if waiting:
        found = found[found["acknowledged_at"].isna()]
    return found.reset_index(drop=True)


def acknowledge_referral(
    context: Context, actor: Actor, *, referral_id: int, note: str = "", version: int | None = None
) -> None:
    """Record that the post a hazard went to took note of it.

    Raises
    ------
    NotFound
        No such referral of a hazard in scope.
    InvalidInput
        The post is vacant, or the note holds a telephone number.
    Conflict
        It was acknowledged already, or changed since `version`.
    """
    check_allowed(actor, Permission.EDIT_HAZARDS)
    refuse_telephone(note)
    with context.database.write(actor, kind="acknowledge_referral", reason=note.strip()) as work:
        found = store.load_referrals(work.connection, scope=actor.scope_code, ids=(referral_id,))
        if found.empty:
            raise NotFound(N_("There is no such hazard in your area."), hint=N_("Reload the list."))
        row = found.iloc[0]
        if not row["office"]:
            raise InvalidInput(
                N_("Nobody can take note of it for this side: the post is vacant."),
                hint=N_("Have the post named; the hazard then goes to it."),
            )
        if version is not None and row["version"] != version:
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        if not pd.isna(row["acknowledged_at"]):
            raise Conflict(N_("It was acknowledged already."), hint=RELOAD)
        store.save_acknowledgement(work, referral_id=referral_id, note=note.strip())


# --- within the transactions of others --------------------------------------------------------------------------


def refer_hazard(work: UnitOfWork, *, hazard_id: int, line_id: int, chainage_m: float) -> None:
    """Refer a hazard to the posts that answer for its place, in the transaction that reports it."""
    posts = load_posts(work.connection, line_ids=(line_id,), on=work.at.astimezone(BEIJING).date())
    store.save_referrals(work, _build_rows(hazard_id, posts, chainage_m))


def refer_open_hazards(work: UnitOfWork, *, chiefs: Sequence[Chief]) -> None:
    """Refer the open hazards within stretches that were given posts in this transaction.

    One that went to nobody goes to both sides; one that went to a vacant post goes to the one that now answers.
    """
    named = _group_by_line(chiefs)
    on = work.at.astimezone(BEIJING).date()
    posts = _group_by_line(load_posts(work.connection, line_ids=list(named), on=on))
    rows: list[dict[str, object]] = []
    offices: dict[int, str] = {}
    for row in store.load_open(work.connection, line_ids=list(named), states=OPEN).itertuples():
        given = [chief for chief in named[row.line_id] if chief.from_m <= row.mileage_m <= chief.to_m]
        own = posts.get(row.line_id, [])
        if pd.isna(row.referral_id):
            rows += _build_rows(int(row.hazard_id), own, float(row.mileage_m)) if given else []
        elif row.office == "" and any(chief.party == row.party for chief in given):
            post = find_post(own, party=row.party, chainage_m=float(row.mileage_m))
            if post is not None:
                offices[int(row.referral_id)] = post.office
    # Without a hazard nothing of theirs has changed, and no map need ask for them.
    if rows:
        store.save_referrals(work, rows)
    if offices:
        store.save_offices(work, offices)


def _group_by_line(chiefs: Sequence[Chief]) -> dict[int, list[Chief]]:
    grouped: dict[int, list[Chief]] = {}
    for chief in chiefs:
        grouped.setdefault(chief.line_id, []).append(chief)
    return grouped


def _build_rows(hazard_id: int, posts: Sequence[Chief], chainage_m: float) -> list[dict[str, object]]:
    found = {party: find_post(posts, party=party, chainage_m=chainage_m) for party in PARTIES}
    return [
        {"hazard_id": hazard_id, "party": party, "office": post.office if post else ""} for party, post in found.items()
    ]
