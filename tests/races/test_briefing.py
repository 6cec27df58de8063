"""A change of rules is exact: when its publication has returned, no report that was not counted under them gets in."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from coordinator.access.actor import console
from coordinator.briefings import service
from coordinator.db import transaction
from tests.conftest import fold_all, report_body
from tests.hubs import LONG
from tests.races.conftest import PATIENCE, at_once, compared
from tests.races.test_closing import recorded

POSTERS = 8
ROUNDS = 20 if LONG else 3
PACK = {"pages": [{"title": "Tonight", "markdown": "Count once."}], "questions": [], "files": [], "acknowledge": True}


@pytest.mark.usefixtures("door")
def test_when_rules_are_published_nobody_posts_who_has_not_acknowledged_them(create_operation, create_token, poster) -> None:
    for _ in range(ROUNDS):
        _publish_under_fire(create_operation(), create_token, poster)


def _publish_under_fire(operation, create_token, poster) -> None:
    liaison = create_token("liaison", operation.code, "KY")
    statuses: Counter[int] = Counter()
    under_fire = threading.Event()

    def post_until_refused() -> None:
        caller, status = poster(liaison), 201
        while status == 201:
            status = caller.post(f"/operations/{operation.code}/reports", report_body()).status_code
            statuses[status] += 1
            if statuses[201] > POSTERS:
                under_fire.set()

    def publish() -> int:
        assert under_fire.wait(PATIENCE)
        with transaction():
            service.publish(console(), operation.code, PACK)
        return recorded(operation.id)

    *_, when_published = at_once(*[post_until_refused] * POSTERS, publish)
    assert statuses.keys() == {201, 409} and statuses[409] == POSTERS
    assert recorded(operation.id) == when_published == statuses[201]
    assert fold_all(operation.id) == when_published
    assert compared(operation.id).holds
