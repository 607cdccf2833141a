"""TLS with a certificate that the user gives: curl, websockets and a browser with our page."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.sync_api import Error, Page, expect, sync_playwright
from websockets.sync.client import connect

from cpcompat.errors import CpcompatError
from cpcompat.workflows.web import service
from cpcompat.workflows.web.plan import Plan
from tests.workflows.conftest import LOOP, PASSWORD, PATIENCE_S, WebBoard, basic, make_board, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
TERMINAL = "#serial .xterm-rows"


class Papers(NamedTuple):
    """What a test's own authority has issued, as files.

    Attributes:
        authority: The authority's certificate, which clients are given.
        certificate: The board's.
        key: The board's key.
        both: Certificate and key in one file.
    """

    authority: Path
    certificate: Path
    key: Path
    both: Path


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Papers for localhost and 127.0.0.1."""
    folder = tmp_path_factory.mktemp("papers")
    found = Papers(*(folder / name for name in ("ca.pem", "board.pem", "board.key", "both.pem")))
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(found.authority))
    issued.cert_chain_pems[0].write_to_path(str(found.certificate))
    issued.private_key_pem.write_to_path(str(found.key))
    issued.private_key_and_cert_chain_pem.write_to_path(str(found.both))
    return found


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[WebBoard]:
    """A board that speaks TLS alone."""
    toml = f'[web]\ncertificate = "{papers.certificate}"\nkey = "{papers.key}"\n'
    one = make_board(tmp_path_factory.mktemp("tls"), "print('ready')\n" + LOOP, toml=toml)
    yield one
    one.close()


def curl(board: WebBoard, path: str, *words: str, status: int = 0) -> str:
    """Run curl; return what it printed."""
    done = subprocess.run(
        ["curl", "-sS", "-u", f":{PASSWORD}", *words, f"https://localhost:{board.port}{path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def test_curl_takes_it_for_the_board_that_the_authority_knows(
    board: WebBoard, papers: Papers
) -> None:
    """With --cacert it reads and writes; without, it does not trust it; nothing is told in clear text."""
    trust = ("--cacert", str(papers.authority))
    assert '"web_api_version": 4' in curl(board, "/cp/version.json", *trust)
    (board.drive.parent / "new.txt").write_text("over TLS")
    upload = ("-T", str(board.drive.parent / "new.txt"), "-H", "Expect: 100-continue")
    assert curl(board, "/fs/", *trust, *upload, "-w", "%{http_code}") == "201"
    assert curl(board, "/fs/new.txt", *trust) == "over TLS"
    curl(board, "/cp/version.json", status=60)  # peer's certificate cannot be authenticated
    with socket.create_connection(("127.0.0.1", board.port), PATIENCE_S) as link:
        link.sendall(b"GET /cp/version.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"web_api_version" not in link.recv(4096)


def test_websockets_is_a_console_over_tls(board: WebBoard, papers: Papers) -> None:
    """As a library that is given the authority, and as a command that finds it in the environment."""
    trust = ssl.create_default_context(cafile=papers.authority)
    login = {"Authorization": basic(PASSWORD)}
    address = f"wss://localhost:{board.port}/cp/serial/?past=1"
    with connect(address, ssl=trust, additional_headers=login, proxy=None) as console:
        seen(console, "ready")
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(address, additional_headers=login, proxy=None)
    with subprocess.Popen(
        [sys.executable, "-m", "websockets", address.replace("//", f"//:{PASSWORD}@")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SSL_CERT_FILE": str(papers.authority), "no_proxy": "localhost"},
    ) as client:
        assert client.stdout is not None
        text = b""
        try:
            while b"ready" not in text:
                piece = os.read(client.stdout.fileno(), 4096)
                assert piece, text
                text += piece
        finally:
            client.kill()


@pytest.fixture
def page(board: WebBoard, papers: Papers) -> Iterator[Page]:
    """Our page in a Chromium that trusts this one certificate, and no other that nobody knows."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    public = load_pem_x509_certificate(papers.certificate.read_bytes()).public_key()
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(data).digest()).decode()
    arguments = ["--no-sandbox", f"--ignore-certificate-errors-spki-list={pin}"]
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        context = browser.new_context(http_credentials={"username": "", "password": PASSWORD})
        opened = context.new_page()
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda said: wrong.extend([said.text] * (said.type == "error")))
        opened.goto(f"https://localhost:{board.port}/")
        yield opened
        browser.close()
    assert wrong == []


def test_a_browser_shows_our_page_over_tls(page: Page, board: WebBoard) -> None:
    """Files, the console and the board, the WebSockets too; and it saves."""
    expect(page.locator("#state-text")).to_have_text("Running code.py")
    expect(page.locator(TERMINAL)).to_contain_text("ready")
    assert page.evaluate("() => isSecureContext && location.protocol") == "https:"
    led = page.get_by_role("button", name=re.compile("^LED"))
    expect(led).to_be_visible()  # told by /cpcompat/live
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text('print("saved over TLS")\n')
    page.keyboard.press("Control+s")
    expect(page.locator(TERMINAL)).to_contain_text("saved over TLS")
    assert (board.drive / "code.py").read_text().startswith('print("saved over TLS")\n')


def test_a_browser_that_does_not_know_the_certificate_warns(
    board: WebBoard, papers: Papers
) -> None:
    """So the test above is not one of a browser that trusts anybody."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            browser.new_page().goto(f"https://localhost:{board.port}/")
        browser.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_old_tls_is_refused(board: WebBoard, papers: Papers) -> None:
    """RFC 8996 has done away with 1.1 and what was before."""
    trust = ssl.create_default_context(cafile=papers.authority)
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = ssl.TLSVersion.TLSv1
    trust.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", board.port), PATIENCE_S) as link,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        trust.wrap_socket(link, server_hostname="localhost")


def test_who_never_shakes_hands_is_cut_off(board: WebBoard) -> None:
    """Such connections are not counted yet, so they must not last."""
    with socket.create_connection(("127.0.0.1", board.port), PATIENCE_S) as link:
        began_s = time.monotonic()
        with suppress(ConnectionResetError):
            assert link.recv(1) == b""
        assert time.monotonic() - began_s < 10


def test_the_redirect_from_the_shared_name_keeps_to_tls(papers: Papers, tmp_path: Path) -> None:
    """Certificate and key may be one file; whoever asks for any board is not sent to clear text."""
    toml = f'[web]\ncertificate = "{papers.both}"\nshared_name = true\n'
    board = make_board(tmp_path, LOOP, toml=toml)
    try:
        trust = ("--cacert", str(papers.authority), "-o", "/dev/null", "-w", "%{redirect_url}")
        asked = curl(board, "/cp/version.json", *trust, "-H", "Host: circuitpython.local")
        assert re.fullmatch(rf"https://cpy-[0-9a-f]+\.local:{board.port}/cp/version\.json", asked)
        upgrade = ("-H", "Upgrade: websocket", "--http1.1")
        told = curl(board, "/cp/serial/", *trust, *upgrade, "-H", "Host: circuitpython.local")
        assert told.startswith("wss://cpy-")
    finally:
        board.close()


@pytest.mark.parametrize("kind", ["nothing", "no certificate", "another's key"])
def test_papers_that_do_not_fit_are_told(kind: str, papers: Papers, tmp_path: Path) -> None:
    """With the file, and where it is named; there is no falling back to clear text."""
    certificate, key = tmp_path / "board.pem", papers.key
    if kind == "no certificate":
        certificate.write_text("rubbish")
    elif kind == "another's key":
        shutil.copy(papers.certificate, certificate)
        other = trustme.CA().issue_cert("localhost")
        key = tmp_path / "other.key"
        other.private_key_pem.write_to_path(str(key))
    plan = Plan("127.0.0.1", 0, PASSWORD, certificate=str(certificate), key=str(key))
    with pytest.raises(CpcompatError, match=r"board\.pem.* cannot be used") as refused:
        service._encryption(plan)
    assert "[web] of cpcompat.toml" in refused.value.__notes__[0]
