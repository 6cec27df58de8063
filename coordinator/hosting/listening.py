"""The hub's address, taken before anything is started and kept while the web server is started again.

The hub holds the listening socket and hands it to the web server: a port in use is found at once, ``--port 0`` is free
of races, and a caller in the second a web server takes to come back waits instead of being refused.
"""

from __future__ import annotations

import errno
import ipaddress
import socket

from coordinator.hosting.refusals import HostingRefused

MOST = 65535


def listen(address: str, port: int | None = None) -> socket.socket:
    """Listens on ``host:port``, or on another ``port`` (0: any free one); HostingRefused when that can't be had."""
    host, number = _parsed(address)
    number = number if port is None else port
    if number > MOST:
        raise HostingRefused(f"{number} is not a port: choose one from 0 to {MOST}")
    try:
        return socket.create_server((host, number), family=_family(host), backlog=2048)
    except OSError as problem:
        raise HostingRefused(_why(problem, host, number)) from problem


def url(listener: socket.socket) -> str:
    """Where to find it with a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        raise HostingRefused(f"TALLYROOM_BIND is {address!r}: write it as host:port, such as 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} is in use: choose another with --port (0 takes any free one)"
    if problem.errno == errno.EACCES:
        return f"port {port} is not allowed for this user: choose one above 1023 with --port"
    return f"can't listen on {host}:{port} ({problem.strerror}): mend TALLYROOM_BIND or choose another port with --port"
