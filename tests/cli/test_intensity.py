"""Live intensities from the command line to the footprint, over TLS through a proxy on loopback that is every host."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from math import fsum
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions, config
from tests.intensity.fake import Answer, Asked, Reply, SecureProxy, certificate, recorded

TOKEN = "em-s3cret-token-of-a-user"
PASSWORD = "wt-s3cret-password"
WATTTIME = {"EMISSIONS_WATTTIME_USER": "ada", "EMISSIONS_WATTTIME_PASSWORD": PASSWORD}
LIVE = ("--intensity", "energy-charts", "--region", "DE")
JOB = ("--", "sh", "-c", "exit 3")
Start = Callable[[dict[str, Answer | list[Answer]]], SecureProxy]


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl for a certificate")
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def provider(pem: Path) -> Iterator[Start]:
    """Every provider's host, with these answers."""
    started: list[SecureProxy] = []

    def start(answers: dict[str, Answer | list[Answer]]) -> SecureProxy:
        started.append(SecureProxy(answers, pem))
        return started[-1]

    yield start
    for proxy in started:
        proxy.stop()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def quarter_hours(asked: Asked) -> Reply:
    """100, 101, 102 … g/kWh in the quarter hours that are asked for."""
    start, end = (int(moment(asked.query[name]).timestamp()) for name in ("start", "end"))
    times = list(range(start, end, 900))
    return Reply(200, {"unix_seconds": times, "co2eq": [100 + place for place, _ in enumerate(times)]})


def five_minutes(asked: Asked) -> Reply:
    start, end = moment(asked.query["start"]), moment(asked.query["end"])
    steps = range(int((end - start) / timedelta(minutes=5)))
    points = [{"point_time": (start + step * timedelta(minutes=5)).isoformat(), "value": 1000} for step in steps]
    return Reply(200, {**recorded("watttime_v3_historical_200").body, "data": points})


def half_hours(asked: Asked) -> Reply:
    _, _, start, end = asked.path.split("/")
    return Reply(200, {"data": [{"from": start, "to": end, "intensity": {"forecast": 90, "actual": None}}]})


def last_day(asked: Asked) -> Reply:
    now = datetime.now(tz=timezone.utc).replace(minute=0, second=0, microsecond=0)
    hours = [
        {"zone": "FR", "carbonIntensity": 50, "datetime": (now - timedelta(hours=h)).isoformat()} for h in range(24)
    ]
    return Reply(200, {"zone": "FR", "history": hours})


def texts(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


def test_a_run_asks_for_its_own_time_after_its_end_and_shows_its_sum(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})

    ran = emissions("run", *LIVE, "--pue", "1.2", *JOB, **proxy.environ)

    assert (ran.status, ran.is_clean) == (3, True)
    found = ran.footprint
    assert (found["intensity"]["origin"], found["intensity"]["resolved"]) == ("api", "15min")
    assert (found["intensity"]["region"], found["intensity"]["kind"]) == ("DE", "average")
    assert found["intensity"]["hosts"] == ["api.energy-charts.info"]
    assert proxy.hosts == ["api.energy-charts.info:443"]
    assert found["origins"] == {"intensity": "`--intensity`", "pue": "`--pue`", "region": "`--region`"}
    series = found["intensity"]["series"]
    assert series[-1]["end_s"] == pytest.approx(found["job"]["duration_s"])
    mean = fsum(row["it_j"] * row["gco2e_per_kwh"] for row in series) / fsum(row["it_j"] for row in series)
    assert found["intensity"]["gco2e_per_kwh"] == mean
    assert found["emissions"]["gco2e"] == found["energy"]["it_j"] * 1.2 / 3_600_000 * mean
    report = (ran.folder / "report.md").read_text()
    assert "Hosts contacted: api.energy-charts.info." in report
    assert "interval by interval" in report


def test_a_later_report_gives_the_same_bytes_without_network(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    ran = emissions("run", *LIVE, "--", "true", **proxy.environ)
    proxy.stop()
    before = (ran.folder / "footprint.json").read_bytes()

    from_footprint = emissions("report", "emissions-report", "--json")
    (ran.folder / "footprint.json").unlink()
    from_recording = emissions.observed()("report", "emissions-report", "--json")

    assert from_footprint.out == before
    assert from_recording.out == before
    assert not [note for note in emissions.observed().notes if note.startswith("socket.")]


@pytest.mark.parametrize(
    ("name", "zone", "answers", "resolved", "flag"),
    [
        ("electricitymaps", "", {"/v3/carbon-intensity/history": last_day}, "hourly", None),
        ("uk-grid", ":GB", {"/intensity/": half_hours}, "30min", "intensity-forecast:uk-grid 1 of 1 values"),
        ("energy-charts", "", {"/co2eq": quarter_hours}, "15min", None),
    ],
)
def test_every_average_provider_from_end_to_end(
    emissions: Emissions, provider: Start, name: str, zone: str, answers: Any, resolved: str, flag: str | None
) -> None:
    proxy = provider(answers)

    ran = emissions(
        "run", "--region", "FR", "--intensity", name + zone, "--strict-intensity", "--", "true",
        EMISSIONS_ELECTRICITYMAPS_TOKEN=TOKEN, **proxy.environ,
    )  # fmt: skip

    assert ran.status == 0, ran.err
    assert ran.footprint["intensity"]["resolved"] == resolved
    assert [text for text in ran.footprint["flags"] if text.startswith("intensity-")] == ([flag] if flag else [])
    assert TOKEN not in texts(emissions.cwd) + ran.err + ran.text


def test_the_marginal_rate_stands_beside_an_unchanged_headline(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/login": recorded("watttime_login_200"), "/v3/historical": five_minutes})

    live = ("--intensity", "watttime:CAISO_NORTH", "--region", "US-CA")
    ran = emissions("run", *live, "--", "true", **WATTTIME, **proxy.environ)

    found = ran.footprint
    assert (found["intensity"]["origin"], found["intensity"]["kind"]) == ("table", "average")
    assert found["intensity"]["hosts"] == ["api.watttime.org"]
    kwh = found["energy"]["facility_kwh"]
    assert found["emissions"]["gco2e"] == pytest.approx(kwh * found["intensity"]["gco2e_per_kwh"])
    assert found["besides"]["marginal_gco2e"] == pytest.approx(kwh * 453.59237)
    assert found["marginal"]["kind"] == "marginal"
    again = emissions("report", "emissions-report", "--json")
    assert again.out == (ran.folder / "footprint.json").read_bytes()
    assert PASSWORD not in texts(emissions.cwd) + ran.err


def test_a_refusal_falls_back_to_the_table_and_says_so(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/v3/carbon-intensity/history": recorded("electricitymaps_401")})

    live = ("--region", "FR", "--intensity", "electricitymaps")
    ran = emissions("run", *live, *JOB, EMISSIONS_ELECTRICITYMAPS_TOKEN=TOKEN, **proxy.environ)

    assert ran.status == 3
    found = ran.footprint
    assert (found["intensity"]["origin"], found["intensity"]["gco2e_per_kwh"]) == ("table", 41.44)
    assert found["intensity"]["hosts"] == ["api.electricitymaps.com"]
    (flag,) = [text for text in found["flags"] if text.startswith("intensity-")]
    assert flag.startswith("intensity-fallback:electricitymaps status 401: the token was refused")
    report = (ran.folder / "report.md").read_text()
    assert "The provider gave no intensity for the time of the job, so the tables' value stands in" in report
    assert "Hosts contacted: api.electricitymaps.com." in report
    assert TOKEN not in texts(emissions.cwd) + ran.err


def test_a_network_that_is_gone_costs_seconds_and_the_status_comes_through(emissions: Emissions) -> None:
    ran = emissions("run", *LIVE, *JOB, HTTPS_PROXY="http://127.0.0.1:9")

    assert ran.status == 3
    assert "intensity-fallback:energy-charts No usable answer" in " ".join(ran.footprint["flags"])


def test_where_it_is_demanded_there_is_no_footprint_with_another_factor(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": [Reply(500), Reply(500), Reply(500), Reply(500), quarter_hours]})

    ran = emissions("run", *LIVE, "--strict-intensity", *JOB, **proxy.environ)

    assert ran.status == 3
    assert "Energy-Charts gave no intensity for this job, and one is demanded" in ran.err
    assert "The command's status is passed through" in ran.err
    assert [path.name for path in ran.folder.iterdir()] == ["recording.jsonl"]
    report = ("report", "emissions-report", "--intensity", "energy-charts", "--strict-intensity", "--json")
    failed = emissions(*report, **proxy.environ)
    assert (failed.status, failed.out) == (3, b"")
    assert "and one is demanded" in failed.err
    later = emissions(*report, **proxy.environ)
    assert later.status == 0
    assert later.json["intensity"]["origin"] == "api"


@pytest.mark.parametrize(("on_unknown", "status"), [("fail", 1), ("warn", 0)])
def test_without_the_demanded_intensity_a_gate_is_unknown(emissions: Emissions, on_unknown: str, status: int) -> None:
    words = ("--gate", "--budget", "50 g", "--on-unknown", on_unknown, "--strict-intensity")

    assert emissions("run", *LIVE, *words, "--", "true", HTTPS_PROXY="http://127.0.0.1:9").status == status


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--intensity", "electricitymaps", "--region", "FR"),
            "Electricity Maps needs EMISSIONS_ELECTRICITYMAPS_TOKEN",
        ),
        (("--intensity", "watttime:PJM_DC"), "WattTime needs EMISSIONS_WATTTIME_USER and EMISSIONS_WATTTIME_PASSWORD"),
        (("--intensity", "uk-grid"), "UK Carbon Intensity needs to know where the job runs"),
        (("--intensity", "uk-grid", "--region", "FR"), "not certain which zone of UK Carbon Intensity `FR` is"),
        (("--intensity", "energy-charts:Germany"), "Energy-Charts has no zone `Germany`"),
    ],
)
def test_what_is_missing_is_told_before_the_command_starts(
    emissions: Emissions, words: tuple[str, ...], message: str
) -> None:
    ran = emissions.quick("run", *words, "--", "touch", "ran")

    assert (ran.status, [*emissions.cwd.iterdir()]) == (2, [])
    assert message in ran.err
    assert "`--intensity`" in ran.err


def test_the_config_file_may_name_the_provider(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    config(emissions.cwd, "version: 1\nsite: {region: DE}\nintensity: {provider: energy-charts, strict: true}\n")

    ran = emissions("run", "--", "true", **proxy.environ)

    assert ran.footprint["intensity"]["origin"] == "api"
    assert ran.footprint["origins"]["intensity"] == "emissions.yml, line 3"


def test_who_only_reports_needs_no_secret_of_the_config_s_provider(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    emissions("run", *LIVE, "--", "true", **proxy.environ)
    config(emissions.cwd, "version: 1\nintensity: {provider: electricitymaps, strict: true}\n")

    for verb in (("report",), ("gate",), ("publish", "--dry-run"), ("doctor",)):
        paths = () if verb == ("doctor",) else ("emissions-report",)
        ran = emissions.quick(*verb, *paths)
        assert ran.status == 0, ran.err


def test_an_old_recording_or_footprint_can_be_asked_for_later(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    emissions("run", "--region", "FR", "--", "true")
    report = ("report", "emissions-report", "--region", "DE", "--intensity", "energy-charts", "--json")

    from_footprint = emissions(*report, **proxy.environ).json
    (emissions.cwd / "emissions-report" / "footprint.json").unlink()
    from_recording = emissions(*report, **proxy.environ).json

    for found in (from_footprint, from_recording):
        assert (found["intensity"]["origin"], found["intensity"]["region"]) == ("api", "DE")
        used = fsum(row["it_j"] for row in found["intensity"]["series"])
        assert used == pytest.approx(found["energy"]["it_j"])
        assert found["recomputed"]["from"]["intensity"]["region"] == "FR"
    assert len(proxy.asked) == 2


def test_a_recording_without_a_site_is_asked_for_once(emissions: Emissions, placeless: Path, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})

    ran = emissions("report", str(placeless), *LIVE, "--json", **proxy.environ)

    assert ran.json["intensity"]["origin"] == "api"
    assert "recomputed" not in ran.json
    assert len(proxy.asked) == 1


def test_a_session_is_asked_for_when_it_stops(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    environ = {**proxy.environ, "XDG_RUNTIME_DIR": str(emissions.cwd), "TMPDIR": str(emissions.cwd)}

    assert emissions("start", *LIVE, **environ).status == 0
    ran = emissions("stop", **environ)

    assert ran.status == 0, ran.err
    assert ran.footprint["intensity"]["origin"] == "api"
    again = emissions("report", "emissions-report", "--json")
    assert again.out == (ran.folder / "footprint.json").read_bytes()


def test_a_killed_run_says_that_nobody_was_asked(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    process = emissions.start("run", *LIVE, "--", "sleep", "5", **proxy.environ)
    recording = emissions.cwd / "emissions-report" / "recording.jsonl"
    wait_for(recording, process)
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()  # the command still holds the other end

    offline = emissions.quick("report", "emissions-report", "--json")
    config(emissions.cwd, "version: 1\nintensity: {provider: energy-charts}\n")
    asked = emissions("report", "emissions-report", "--json", **proxy.environ)

    assert "intensity-fallback:energy-charts was not asked" in offline.json["flags"]
    assert asked.json["intensity"]["origin"] == "api"


def wait_for(recording: Path, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        if recording.exists() and recording.read_bytes().count(b'"s":') > 2:
            return


def test_the_command_gets_no_secret(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/v3/carbon-intensity/history": last_day})

    emissions(
        "run", "--region", "FR", "--intensity", "electricitymaps", "--", "sh", "-c", "env > environ",
        EMISSIONS_ELECTRICITYMAPS_TOKEN=TOKEN, **WATTTIME, **proxy.environ,
    )  # fmt: skip

    assert "s3cret" not in (emissions.cwd / "environ").read_text()
    assert proxy.asked[0].headers["auth-token"] == TOKEN


@pytest.mark.parametrize(
    ("words", "variables", "files", "origins"),
    [
        (("--region", "FR"), {}, {}, {"region": "`--region`"}),
        ((), {"EMISSIONS_REGION": "FR"}, {}, {"region": "environment variable `EMISSIONS_REGION`"}),
        ((), {}, {"etc/emissions/machine.yml": "region: FR\npue: 1.3\n"},
         {"region": "/etc/emissions/machine.yml, line 1", "pue": "/etc/emissions/machine.yml, line 2"}),
        ((), {"RUNNER_NAME": "a100"}, {"emissions.yml": "version: 1\nrunners:\n  a100: {region: FR}\n"},
         {"region": "emissions.yml, line 3"}),
        (("--intensity", "50 g/kWh"), {}, {"emissions.yml": "version: 1\nsite: {region: FR}\n"},
         {"intensity": "`--intensity`", "region": "emissions.yml, line 2"}),
        ((), {}, {}, {}),
    ],
)  # fmt: skip
def test_every_value_remembers_where_it_came_from(
    emissions: Emissions,
    words: tuple[str, ...],
    variables: dict[str, str],
    files: dict[str, str],
    origins: dict[str, str],
) -> None:
    root = shutil.copytree(emissions.environ["EMISSIONS_SYSFS_ROOT"], emissions.cwd / "machine", symlinks=True)
    for name, text in files.items():
        config(root if name.startswith("etc") else emissions.cwd, text, name)

    ran = emissions("run", *words, "--", "true", EMISSIONS_SYSFS_ROOT=str(root), **variables)

    assert ran.footprint["origins"] == origins
    assert emissions.quick("report", "emissions-report", "--json").json["origins"] == origins
    anew = emissions.quick("report", "emissions-report", "--json", "--pue", "1.5").json["origins"]
    assert anew == {**origins, "pue": "`--pue`"}


def test_doctor_says_who_would_be_asked_and_what_is_missing(emissions: Emissions) -> None:
    live = emissions.quick("doctor", *LIVE)
    refused = emissions.quick("doctor", "--intensity", "watttime", "--region", "US-VA")

    assert "✓ live intensity: Energy-Charts (api.energy-charts.info) is asked after the job" in live.text
    assert "✗ live intensity: WattTime needs EMISSIONS_WATTTIME_USER and EMISSIONS_WATTTIME_PASSWORD" in refused.text
    assert "Write its zone, such as watttime:PJM_DC" in refused.text


def test_an_estimate_has_no_hours_to_ask_for(emissions: Emissions) -> None:
    ran = emissions.quick("estimate", "--power", "100", "--hours", "1", *LIVE)

    assert ran.status == 2
    assert "Energy-Charts knows times; what is estimated has none" in ran.err


def test_the_json_of_a_series_is_checked(emissions: Emissions, provider: Start) -> None:
    proxy = provider({"/co2eq": quarter_hours})
    path = emissions("run", *LIVE, "--", "true", **proxy.environ).folder / "footprint.json"
    document = json.loads(path.read_text())
    for series, says in (
        ([{"start_s": 5, "end_s": 1, "gco2e_per_kwh": 1}], "intensity.series[0].end_s` is not a time after"),
        ([{"start_s": 0, "end_s": 1}], "intensity.series[0].gco2e_per_kwh` is missing"),
        ([{"start_s": 0, "end_s": 1, "gco2e_per_kwh": -1}], "intensity.series[0].gco2e_per_kwh` is not"),
        ("x", "intensity.series` is not a list"),
    ):
        path.write_text(json.dumps({**document, "intensity": {**document["intensity"], "series": series}}))
        ran = emissions.quick("report", "emissions-report/footprint.json")
        assert (ran.status, says in ran.err) == (3, True), ran.err
