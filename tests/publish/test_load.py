"""Two hundred publishers at once: the comment is right in the end, and the server is not stormed.

`python -m benchmarks load` prints the figures.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest

from reporter.http import Client
from reporter.publish.github import GitHub
from reporter.publish.marker import Run
from reporter.publish.pace import pace_for
from reporter.publish.sticky import PostAction, publish_comment
from tests.github.fake import HEAD_SHA, FakeGitHub
from tests.publish.crowd import MANY, one_comment, own_comments, sections

FEW = 5.0
"""Requests of each, on average."""
DEADLINE_S = pace_for(MANY).deadline_s
EVERY_LEG = ", ".join(f"leg {index:03}" for index in range(MANY))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ends_s", [0.0, 60.0])
def test_of_many_publishers_of_one_comment_the_newest_stands(seed: int, ends_s: float) -> None:
    crowd = one_comment(seed, ends_s=ends_s)

    assert crowd.failures == []
    assert crowd.bodies == [f"run {MANY - 1}"]
    assert crowd.requests_each <= FEW
    assert crowd.took_s <= ends_s + 30


def test_many_publishers_of_a_comment_each_leave_one_each() -> None:
    crowd = own_comments(seed=1)

    assert crowd.failures == []
    assert sorted(crowd.bodies) == sorted(f"run {index}" for index in range(MANY))
    assert crowd.requests_each <= FEW


@pytest.mark.parametrize("ends_s", [0.0, 600.0], ids=["in one second", "over ten minutes"])
def test_many_legs_of_one_comment_are_all_in_it(ends_s: float) -> None:
    crowd = sections(seed=1, ends_s=ends_s)

    assert crowd.failures == []
    assert crowd.bodies == [EVERY_LEG]
    assert crowd.requests_each <= FEW
    assert crowd.most_requests <= 25
    assert crowd.took_s <= ends_s + DEADLINE_S


def test_the_servers_limit_of_writes_costs_time_but_no_leg() -> None:
    """Eighty writes a minute, as GitHub has it: more are refused for a minute."""
    crowd = sections(seed=1, most_writes_a_minute=80)

    assert crowd.failures == []
    assert crowd.bodies == [EVERY_LEG]
    assert crowd.requests_each <= FEW + 0.5
    assert crowd.refused <= MANY / 2
    assert crowd.took_s <= DEADLINE_S


@pytest.mark.parametrize("slowest_s", [0.1, 2.0])
@pytest.mark.parametrize("legs", [2, 8, 20])
def test_a_usual_matrix_gets_there_whatever_the_server_takes(legs: int, slowest_s: float) -> None:
    crowd = sections(seed=1, legs=legs, slowest_s=slowest_s)

    assert crowd.failures == []
    assert [len(body.split(", ")) for body in crowd.bodies] == [legs]
    assert crowd.took_s <= 100


def test_a_crowd_that_does_not_know_its_size_gets_there_with_more_requests() -> None:
    crowd = sections(seed=1, knows_legs=False)

    assert crowd.failures == []
    assert crowd.bodies == [EVERY_LEG]
    assert crowd.requests_each <= 2 * FEW


def test_a_crowd_that_cannot_agree_gives_up_within_bounds() -> None:
    crowd = sections(seed=1, knows_legs=False, deadline_s=20.0)

    assert crowd.requests_each <= 10
    assert crowd.took_s <= 80
    assert crowd.failures
    assert all("kept overwriting" in str(failure) for failure in crowd.failures)


@pytest.mark.slow
def test_many_publishers_wait_as_long_as_the_server_asks(github: FakeGitHub) -> None:
    """Over HTTP, every publisher a comment of its own; the first hundred requests are told to come back."""
    github.check = None
    limited = 100
    refused: list[tuple[str, float]] = []
    came: dict[str, list[float]] = {}
    lock = threading.Lock()
    answer = github.answer

    def noted(request):
        who = request.headers["authorization"]
        with lock:
            came.setdefault(who, []).append(time.monotonic())
            if len(refused) < limited:
                refused.append((who, time.monotonic()))
                return 429, {"message": "Too many"}, {"Retry-After": "1"}
        return answer(request)

    github.answer = noted
    outcomes: Counter[PostAction] = Counter()
    failures: list[BaseException] = []

    def publish(index: int) -> None:
        forge = GitHub(Client(github.url, f"token-{index}"), github.repository, sleep=lambda _: None)
        run = Run(run_id=index, number=index, attempt=1, head_sha=HEAD_SHA)
        try:
            done = publish_comment(forge, pull_request=7, comment_id=f"leg {index}", run=run, bodies=[f"run {index}"])
            outcomes[done.action] += 1
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(index,)) for index in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert outcomes == {PostAction.CREATED: MANY}
    assert len(github.comments) == MANY
    assert all(next(t for t in came[who] if t > at) - at >= 1.0 for who, at in refused)
    requests = sum(map(len, came.values())) - limited
    assert requests <= (FEW + 1) * MANY  # `/user` besides, which REST alone needs
