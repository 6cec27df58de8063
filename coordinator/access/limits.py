"""How fast a token may write: a token bucket each, in this process's memory, because no request waits for Redis."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Hashable

from coordinator.errors import Refusal, TooManyWrites

SUBSCRIBER = 64
"""Bits of an IPv6 address that say whose it is; all that begin so are one's own to choose from."""


def whose(address: str) -> str:
    """Who stands behind an address: itself, and of IPv6 its network, in which one attacker has as many as it likes."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, SUBSCRIBER), strict=False))


class Limits:
    """Buckets of ``burst`` writes that fill again at ``rate`` a second."""

    def __init__(
        self,
        rate: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        refusal: Callable[[float], Refusal] = TooManyWrites,
    ) -> None:
        self.rate, self.burst, self._clock, self._refusal = rate, burst, clock, refusal
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def spend(self, who: Hashable) -> None:
        """Takes one write from the caller's bucket; the refusal, TooManyWrites as a rule, says when there will be one again."""
        now = self._clock()
        left, since = self._buckets.get(who, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.rate)
        if left < 1:
            raise self._refusal((1 - left) / self.rate)
        self._buckets[who] = (left - 1, now)
        if len(self._buckets) > 10_000:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        """A full bucket is as good as none."""
        self._buckets = {
            who: (left, since) for who, (left, since) in self._buckets.items() if left + (now - since) * self.rate < self.burst
        }
