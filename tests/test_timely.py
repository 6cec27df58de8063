"""A body that comes a byte at a time is given up, where the web server serves all its connections in one thread."""

from __future__ import annotations

import io
import subprocess
import sys

from coordinator.timely import Timely

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import socket, threading
from coordinator.timely import Timely

ours, theirs = socket.socketpair()
ours.sendall(b"whole")
given_up = threading.Event()

class Body:
    def read(self, most):
        got = theirs.recv(most)
        while len(got) < most:
            got += theirs.recv(most - len(got))
        return got

def drip():
    while not given_up.wait(0.01):
        ours.sendall(b"x")

def application(environ, start):
    assert environ["wsgi.input"].read(5) == b"whole"
    threading.Thread(target=drip, daemon=True).start()
    for _ in range(2):
        try:
            environ["wsgi.input"].read(10**6)
        except TimeoutError as problem:
            print(problem)
    given_up.set()
    return []

Timely(application, 0.2)({"wsgi.input": Body(), "CONTENT_LENGTH": "20"}, None)
"""


def test_a_body_that_drips_is_given_up_and_one_that_comes_is_read() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.returncode) == ("the body took too long\n" * 2, 0), done.stderr


def test_where_each_request_has_a_thread_it_is_left_alone() -> None:
    body = io.BytesIO(b"x")
    seen = []
    Timely(lambda environ, _: seen.append(environ["wsgi.input"]) or [])({"wsgi.input": body}, None)
    assert seen == [body]
