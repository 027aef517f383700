"""The same end however the rows are cut into batches, and wherever the import is stopped."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.services.contact_import_undo import preview_undo
from tests.base import make_cast, make_company, make_contact
from tests.crm.imports import HEADER, go_on, state_of_house, table, undone, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

cells = st.sampled_from(["a", "b", "c", "d", "é"])
emails = st.sampled_from(["", "a@x.fr", "b@x.fr", "C@x.fr", "d@x.fr", "old@x.fr", "hidden@x.fr", "wrong"])
phones = st.sampled_from(["", "0611111111", "06 22 22 22 22", "0633333333", "12"])
lines = st.tuples(
    cells,
    cells,
    emails,
    phones,
    st.sampled_from(["", "Acme", "ACMÉ", "Other", "Seen"]),
    st.sampled_from(["", "Chef"]),
    st.sampled_from(["", "Nantes", "Lyon"]),
    st.sampled_from(["", "France", "Belgique"]),
    st.sampled_from(["", "Lead", "Client"]),
    st.sampled_from(["", "Web"]),
    st.sampled_from(["", "vip", "été"]),
    st.sampled_from(["", "first note", "second"]),
)


class Rolled(Exception):
    """Takes everything back between two ways."""


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(lines, min_size=1, max_size=14),
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    mode=st.sampled_from(["skip", "update", "create"]),
    match_on=st.sampled_from(["email", "phone", "both"]),
    assign=st.sampled_from(["me", "nobody", "round_robin"]),
    undo=st.booleans(),
)
def test_the_end_does_not_depend_on_batches_or_stops(
    rows: list[Any], sizes: list[int], mode: str, match_on: str, assign: str, undo: bool
) -> None:
    content = table(
        *(",".join(row) for row in rows),
        header=f"{HEADER},tags,notes",
    )
    states: list[Any] = []
    for cut in ([1000], sizes):
        try:
            with transaction.atomic():
                cast = make_cast()
                me = cast["manager"]
                seen = make_company(me, name="Seen", city="Lyon")
                make_contact(me, email="old@x.fr", phone="+33633333333", owner=me, company=seen, city="Brest")
                make_contact(me, email="hidden@x.fr", owner=cast["stranger"])
                people = [cast["sales"].pk, cast["sales2"].pk] if assign == "round_robin" else []
                run = uploaded(
                    me, content, on_duplicate=mode, match_on=match_on, assign=assign, people=people
                )
                for size in cut:
                    go_on(run, size=size, most=1)
                go_on(run, size=cut[0])
                if undo and run.can_be_undone:
                    before_undo = preview_undo(run)
                    undone(me, run, size=cut[-1])
                    report = run.undo_report
                    assert report.get("removed", 0) == before_undo.removed
                    assert report.get("restored", 0) == before_undo.restored
                owners = {None: "", **{user.pk: key for key, user in cast.items()}}
                states.append(_named(state_of_house(), owners))
                raise Rolled
        except Rolled:
            pass
    assert states[0] == states[1]


def _named(state: dict[str, Any], owners: dict[Any, str]) -> dict[str, Any]:
    """Numbers of people differ between the two ways."""
    n = 12 + 3 + 1
    state["contacts"] = [(*row[:n], owners.get(row[n], row[n]), *row[n + 1 :]) for row in state["contacts"]]
    state["access"] = sorted(
        (company, owners.get(pk, str(pk)), name) for company, pk, name in state["access"]
    )
    for name in ("tallies", "totals"):
        state[name] = sorted((owners.get(pk, str(pk)), *rest) for pk, *rest in state[name])
    state["notes"] = [(name, body, owners.get(pk)) for name, body, pk in state["notes"]]
    return state
