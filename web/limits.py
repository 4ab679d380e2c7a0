"""How often one place may try: bounds links that open nothing and submits, never the opening of a true link (P35).

Three moving windows, each generous enough for a company behind a single address whose people all register in one
morning, and small enough to make a script give up:

- 600 submits in ten minutes from one address: two hundred people, three tries each, all at once. Submits of browsers that have
  opened no link are counted apart, and those beyond the bound of their invitation not at all: they keep nobody else out.
- 100 links that are not ours in ten minutes from one address. No guess ever succeeds (128 bits); this keeps the log short.
- 60 submits in ten minutes for one invitation. Only holders of the link can use them up, so nobody is locked out by a stranger.

The counts live in this process: the page runs as one process with threads (P34).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import NoReturn, cast

from flask import Flask, current_app, g, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from web import guests
from web.logs import Event, log

# About 10 MB each; beyond them the counts that nobody has added to for longest are forgotten.
MOST_MOMENTS, MOST_KEYS = 200_000, 10_000
_MINUTES = 10
_NEIGHBORS = 64  # bits of an IPv6 address that a provider hands to one customer


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many of each are let through in ten minutes."""

    posts: int = 600
    unknown_links: int = 100
    posts_for_one: int = 60


class Windows(Storage, MovingWindowSupport):
    """The moments of what was let through, by key.

    The library's own storage in memory is not used: it has no bound, starts a thread for each request, goes through all keys in
    it, and takes the time from the host's clock, which may be set back.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, most: int = MOST_MOMENTS) -> None:
        """Take the time, in seconds, from `clock` and hold no more than `most` moments, of no more than `MOST_KEYS`."""
        super().__init__()
        self.clock = clock
        self._most = most
        self._held = 0
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Let `amount` more through where no more than `limit` of the last `expiry` seconds have been; tell whether."""
        with self._lock:
            moments = self._recent(key, expiry)
            if len(moments) + amount > limit:
                return False
            self._add(key, moments, amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the first moment of the last `expiry` seconds and how many there are."""
        del limit
        with self._lock:
            moments = self._recent(key, expiry)
            return moments[0] if moments else self.clock(), len(moments)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to a key, whatever its limit, and return how many it has."""
        with self._lock:
            moments = self._recent(key, expiry)
            self._add(key, moments, amount)
            return len(moments)

    def get(self, key: str) -> int:
        """Return how many moments a key has."""
        with self._lock:
            return len(self._moments.get(key, ()))

    def get_expiry(self, key: str) -> float:
        """Return the newest moment of a key, from which its window runs out."""
        with self._lock:
            moments = self._moments.get(key)
            return moments[-1] if moments else self.clock()

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._held -= len(self._moments.pop(key, ()))

    def reset(self) -> int:
        """Forget every key and return how many there were."""
        with self._lock:
            keys = len(self._moments)
            self._moments.clear()
            self._held = 0
        return keys

    def check(self) -> bool:
        """Tell that memory is there."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage may raise: nothing of its own."""
        return MemoryError

    def _recent(self, key: str, expiry: int) -> deque[float]:
        moments = self._moments.get(key, deque())
        start = self.clock() - expiry
        while moments and moments[0] <= start:
            moments.popleft()
            self._held -= 1
        return moments

    def _add(self, key: str, moments: deque[float], amount: int) -> None:
        moments.extend([self.clock()] * amount)
        self._held += amount
        self._moments[key] = moments
        self._moments.move_to_end(key)
        while self._held > self._most or len(self._moments) > MOST_KEYS:
            _, oldest = self._moments.popitem(last=False)
            self._held -= len(oldest)


class Limits:
    """The counts of one process."""

    def __init__(self, bounds: Bounds | None = None, windows: Windows | None = None) -> None:
        """Count against `bounds` in `windows`."""
        bounds = bounds or Bounds()
        self._windows = windows or Windows()
        self._limiter = MovingWindowRateLimiter(self._windows)
        self._posts = RateLimitItemPerMinute(bounds.posts, _MINUTES, "posts")
        self._strangers = RateLimitItemPerMinute(bounds.posts, _MINUTES, "strangers")
        self._links = RateLimitItemPerMinute(bounds.unknown_links, _MINUTES, "links")
        self._one = RateLimitItemPerMinute(bounds.posts_for_one, _MINUTES, "invitation")

    def post(self, source: str | None) -> int:
        """Count a submit from an address; return how many seconds to wait, 0 where it is let through."""
        return self._count(self._posts, neighborhood(source))

    def post_of_stranger(self, source: str | None) -> int:
        """Count a submit of a browser that has opened no link; returns as `post`."""
        return self._count(self._strangers, neighborhood(source))

    def unknown_link(self, source: str | None) -> int:
        """Count a link that is not ours; returns as `post`."""
        return self._count(self._links, neighborhood(source))

    def post_for(self, public_id: bytes) -> int:
        """Count a submit for an invitation; returns as `post`."""
        return self._count(self._one, public_id.hex())

    def _count(self, limit: RateLimitItem, key: str) -> int:
        if self._limiter.hit(limit, key):
            return 0
        return max(
            1, math.ceil(self._limiter.get_window_stats(limit, key).reset_time - self._windows.clock())
        )


def neighborhood(source: str | None) -> str:
    """Return what stands for one visitor: an IPv4 address, or the 64 bits of an IPv6 address that tell customers apart."""
    try:
        address = ip_address((source or "").partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((address, _NEIGHBORS), strict=False))
        address = address.ipv4_mapped
    return str(address)


# --- in a request ---------------------------------------------------------------------------------------------------


def install(app: Flask) -> None:
    """Count every POST before it is looked at.

    Whoever has opened a link goes on to the view, so that `judge_submit` can refuse with what was typed still there.
    """
    app.extensions["limits"] = Limits()

    @app.before_request
    def count() -> None:
        if request.method != "POST":
            return
        opened = guests.named(guests.OPENED)
        if opened is not None:
            g.limited = _limited(opened)
        elif wait := _limits().post_of_stranger(request.remote_addr):
            _refuse("posts", wait)


def _limited(public_id: bytes) -> tuple[str, int] | None:
    """Count a submit of a browser that has opened an invitation; return the limit it is beyond and how long to wait."""
    if wait := _limits().post_for(public_id):
        return "invitation", wait
    if wait := _limits().post(request.remote_addr):
        return "posts", wait
    return None


def judge_submit() -> None:
    """Refuse a submit, known to be of our form, where there were too many from its address or for its invitation.

    Raises:
        TooManyRequests: `retry_after` says in how many seconds the next is let through.
    """
    if g.limited:
        _refuse(*g.limited)


def note_unknown_link() -> None:
    """Count a link that is not ours; call it only after the link has turned out to be none (P35).

    Raises:
        TooManyRequests: there were too many from this address.
    """
    if wait := _limits().unknown_link(request.remote_addr):
        _refuse("links", wait)


def _limits() -> Limits:
    return cast(Limits, current_app.extensions["limits"])


def _refuse(limit: str, seconds: int) -> NoReturn:
    log(Event.LIMITED, limit=limit, wait=seconds)
    raise TooManyRequests(retry_after=seconds)
