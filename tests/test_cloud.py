"""The link-local metadata services, stood in for on loopback: what each cloud answers, and what counts as no answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reporter.ci import CiContext
from reporter.cloud import region_by_metadata
from reporter.commands.account.site import resolve_site
from reporter.config import Config

Answers = dict[tuple[str, str], tuple[str, str, str]]
"""(verb, path) → header that is needed, its value, the body."""
AWS: Answers = {
    ("PUT", "/latest/api/token"): ("X-aws-ec2-metadata-token-ttl-seconds", "60", "a-token"),
    ("GET", "/latest/meta-data/placement/region"): ("X-aws-ec2-metadata-token", "a-token", "eu-central-1"),
}
AZURE: Answers = {
    ("GET", "/metadata/instance/compute/location?api-version=2021-02-01&format=text"): ("Metadata", "true", "eastus2"),
}
GOOGLE: Answers = {
    ("GET", "/computeMetadata/v1/instance/zone"): ("Metadata-Flavor", "Google", "projects/1/zones/europe-west4-b"),
}


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is what one test is about."""


@pytest.fixture
def service() -> Iterator[Callable[..., str]]:
    """Starts a service with these answers; returns its address."""
    servers = []

    def start(answers: Answers, delay_s: float = 0.0) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(delay_s)
                header, value, body = answers.get((self.command, self.path), ("Host", "", ""))
                known = bool(body) and self.headers.get(header) == value
                with suppress(OSError):  # whoever asked may have gone
                    self.send_response(200 if known else 404)
                    self.end_headers()
                    self.wfile.write(body.encode() if known else b"no")

            do_PUT = do_GET  # noqa: N815  (http.server's name)

            def log_message(self, *_: object) -> None:
                pass

        server = QuietServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answers", "region"),
    [(AWS, "aws:eu-central-1"), (AZURE, "azure:eastus2"), (GOOGLE, "gcp:europe-west4"), ({}, None)],
)
def test_each_cloud_is_asked_in_its_own_way(service: Callable[..., str], answers: Answers, region: str | None) -> None:
    assert region_by_metadata(service(answers)) == region


@pytest.mark.parametrize("body", ["<html>", "a b", "x" * 100, "\n::error::x"])
def test_an_answer_that_is_no_region_is_none(service: Callable[..., str], body: str) -> None:
    header, value, _ = next(iter(AZURE.values()))
    odd = {next(iter(AZURE)): (header, value, body)}

    assert region_by_metadata(service(odd)) is None


def test_a_service_that_does_not_answer_in_time_is_no_cloud(service: Callable[..., str]) -> None:
    address = service(AZURE, delay_s=3)

    began = time.monotonic()
    region = region_by_metadata(address, limit_s=0.2)

    assert region is None
    assert time.monotonic() - began < 2


def test_no_proxy_is_asked_for_the_link_s_own_service(
    service: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert region_by_metadata(service(AZURE)) == "azure:eastus2"


def test_nobody_there_is_no_cloud() -> None:
    assert region_by_metadata("127.0.0.1:9") is None


def test_the_region_that_the_metadata_names_is_used_with_its_origin() -> None:
    site = resolve_site(Config(region="auto"), CiContext(), ask_metadata=lambda: "gcp:europe-west4")

    assert site.intensity.region == "gcp:europe-west4"
    assert dict(site.origins)["region"] == "cloud metadata"


def test_a_region_that_the_tables_lack_is_unknown_and_told() -> None:
    site = resolve_site(Config(region="auto"), CiContext(), ask_metadata=lambda: "aws:mars-north-1")

    assert not site.intensity.known
    assert site.flags == ("region-unlisted:aws:mars-north-1",)


@pytest.mark.parametrize(
    ("config", "ci", "gco2e_per_kwh", "pue"),
    [
        (Config(), CiContext(), 472.94, 1.54),
        (Config(), CiContext(hosted=True, cloud="azure"), 384.4, 1.17),
        (Config(region="auto"), CiContext(hosted=True, cloud="azure"), 384.4, 1.17),
        (Config(region="FR"), CiContext(), 41.44, 1.54),
        (Config(region="aws:us-east-1"), CiContext(), 244.8, 1.15),
        (Config(intensity_gco2e_per_kwh=230.0, pue=1.0), CiContext(), 230.0, 1.0),
        (Config(region="FR", intensity_gco2e_per_kwh=230.0), CiContext(), 230.0, 1.54),
    ],
)
def test_what_is_not_said_is_taken_from_the_ladder(
    config: Config, ci: CiContext, gco2e_per_kwh: float, pue: float
) -> None:
    site = resolve_site(config, ci, ask_metadata=lambda: None)

    assert site.intensity.gco2e_per_kwh == pytest.approx(gco2e_per_kwh, rel=1e-3)
    assert site.pue.ratio == pytest.approx(pue)
    assert site.intensity.known == bool(config.intensity_gco2e_per_kwh or config.region not in (None, "auto"))
