"""Receivers of what leaves the hub: real servers of HTTP and SMTP in the test's own process, on this machine alone."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Any
    body: bytes


@dataclass
class Receiver:
    """An HTTP server. ``answer`` says with which status, and headers, it answers each request; it may wait before it does."""

    url: str = ""
    answer: Callable[[Received], tuple[int, dict[str, str]]] = lambda _: (204, {})
    got: list[Received] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def await_number(self, number: int, seconds: float = 30.0) -> list[Received]:
        """What has come, once so many have."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.got) >= number, seconds), f"{len(self.got)} of {number} came"
            return list(self.got)

    def take(self, received: Received) -> tuple[int, dict[str, str]]:
        """Keeps a request and answers it."""
        with self.news:
            self.got.append(received)
            self.news.notify_all()
        return self.answer(received)


@contextmanager
def receiver(secure: ssl.SSLContext | None = None, **members: Any) -> Iterator[Receiver]:
    """An HTTP server on a free port of this machine, until the end."""
    made = Receiver(**members)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(made)) as server:
        if secure:
            server.socket = secure.wrap_socket(server.socket, server_side=True)
        made.url = f"{'https://localhost' if secure else 'http://127.0.0.1'}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def _handler(made: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = made.take(Received(self.path, self.headers, body))
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # whoever asked has been killed meanwhile

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@dataclass
class Postbox:
    """An SMTP server that keeps what it is given; ``answer`` says what it answers to each recipient."""

    url: str = ""
    answer: Callable[[str], str] = lambda _: "250 OK"
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Takes or refuses a recipient."""
        said = self.answer(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keeps a letter."""
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class _OnAnyPort(Controller):
    """Takes the port that the system gives, and knows it before it tries itself out."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def postbox(secure: ssl.SSLContext | None = None) -> Iterator[Postbox]:
    """An SMTP server on a free port of this machine; with ``secure`` one that wants STARTTLS first."""
    made = Postbox()
    more = {"tls_context": secure, "require_starttls": True} if secure else {}
    controller = _OnAnyPort(made, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        made.url = f"smtp://localhost:{controller.port}" if secure else f"smtp+plain://127.0.0.1:{controller.port}"
        yield made
    finally:
        controller.stop()


def certified(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for this name, and the file of who vouches for it: itself, as of now, for an hour."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context, certificate
