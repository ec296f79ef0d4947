"""Every provider, every way to fail: one retry, an error in a few words, no secret in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reporter.commands.account.live import SHORTEST_S
from reporter.config import PROVIDERS as KNOWN
from reporter.config import STATIC
from reporter.errors import IntensityError, ProviderUnreachable
from reporter.intensity import PROVIDERS, Question
from reporter.intensity import provider as provider_named
from reporter.intensity.course import ask
from tests.intensity.conftest import at
from tests.intensity.fake import Answer, FakeProvider, Reply, recorded

SECRET = "s3cret-of-a-user"
ZONES = {"electricitymaps": "DE", "watttime": "PJM_DC", "uk-grid": "GB", "energy-charts": "de"}
FIRST = {
    "electricitymaps": "/v3/carbon-intensity/history",
    "watttime": "/login",
    "uk-grid": "/intensity/2026-04-01T00:00Z/2026-04-01T00:30Z",
    "energy-charts": "/co2eq",
}
TWICE = {
    "rate limit with a pause": Reply(429, "slow down", {"Retry-After": "2"}),
    "server error": Reply(500, {"error": "oops"}),
    "bad gateway": Reply(502, "<html>Bad gateway</html>"),
    "cut": Reply(200, {"data": ["x" * 5000]}, fault="cut"),
}
ONCE = {
    "page": Reply(200, "<html>Log in to the Wi-Fi</html>"),
    "half a document": Reply(200, '{"data": [{"from"'),
    "nothing": Reply(200, ""),
    "null": Reply(200, "null"),
    "a list": Reply(200, "[]"),
    "an object of nothing": Reply(200, "{}"),
    "rate limit": Reply(429, recorded("watttime_429").body),
    "a long pause": Reply(429, "tomorrow", {"Retry-After": "86400"}),
}
Start = Callable[[dict[str, Answer | list[Answer]]], FakeProvider]


def asked(name: str) -> Question:
    start_s = at("2026-04-01 00:02")
    secrets = tuple(f"{SECRET}{index}" for index, _ in enumerate(PROVIDERS[name].secrets))
    return Question(ZONES[name], start_s, 60.0, start_s + 61, secrets=secrets)


def failure(fake: FakeProvider, name: str) -> IntensityError:
    with pytest.raises(IntensityError) as caught:
        ask(name, asked(name), fake.connect)
    told = f"{caught.value.message} {caught.value.hint}"
    assert SECRET not in told
    assert "<html>" not in told
    return caught.value


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("what", TWICE)
def test_what_may_pass_is_tried_once_more_and_no_more(provider: Start, name: str, what: str) -> None:
    fake = provider({FIRST[name]: TWICE[what]})

    assert isinstance(failure(fake, name), ProviderUnreachable)
    assert len(fake.asked) == 2


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("what", ONCE)
def test_what_will_not_pass_is_not_tried_again(provider: Start, name: str, what: str) -> None:
    fake = provider({FIRST[name]: ONCE[what]})

    failure(fake, name)
    assert [row.path for row in fake.asked] in ([FIRST[name]], [FIRST[name], FIRST[name].replace("history", "latest")])


def test_a_number_of_hundreds_of_digits_is_no_value(provider: Start) -> None:
    huge = 10**400
    half_hour = {"from": "2026-04-01T00:00Z", "to": "2026-04-01T00:30Z", "intensity": {"actual": huge}}
    answers: dict[str, Answer | list[Answer]] = {
        FIRST["uk-grid"]: Reply(200, {"data": [half_hour]}),
        FIRST["energy-charts"]: Reply(200, {"unix_seconds": [huge], "co2eq": [1]}),
    }

    assert failure(provider(answers), "uk-grid").message == "a value is no number"
    assert failure(provider(answers), "energy-charts").message == "a time is no number"


def test_the_shortest_job_needs_a_value_too(provider: Start) -> None:
    question = asked("uk-grid")._replace(duration_s=SHORTEST_S)
    fake = provider({FIRST["uk-grid"]: Reply(200, {"data": []})})

    with pytest.raises(IntensityError, match=r"no value for 2026-04-01 00:02 UTC"):
        ask("uk-grid", question, fake.connect)


def test_a_time_that_no_calendar_has_is_not_asked_for(provider: Start) -> None:
    fake = provider({})

    with pytest.raises(IntensityError, match="beyond every calendar"):
        ask("uk-grid", asked("uk-grid")._replace(start_s=253_402_300_799.0), fake.connect)
    assert fake.asked == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_that_does_not_answer_in_time_is_given_up(provider: Start, name: str) -> None:
    fake = provider({FIRST[name]: Reply(fault="late")})

    assert isinstance(failure(fake, name), ProviderUnreachable)


@pytest.mark.parametrize("name", PROVIDERS)
def test_nobody_at_home(provider: Start, name: str) -> None:
    fake = provider({})
    fake.stop()

    assert isinstance(failure(fake, name), ProviderUnreachable)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_redirect_to_another_host_is_not_followed(provider: Start, name: str) -> None:
    elsewhere = provider({})
    fake = provider({FIRST[name]: Reply(302, "", {"Location": elsewhere.url.replace("127.0.0.1", "localhost")})})

    failure(fake, name)
    assert elsewhere.asked == []


def test_the_settings_know_every_provider_and_each_is_asked_over_https() -> None:
    assert (STATIC, *PROVIDERS) == KNOWN
    for name, entry in PROVIDERS.items():
        module = provider_named(name)
        assert f"https://{entry.host}" == module.BASE_URL  # type: ignore[attr-defined]
        example = entry.zones.partition(",")[0].partition(":")[2]
        assert module.is_zone(example)
