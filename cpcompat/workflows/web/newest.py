"""What a viewer has not been sent yet: of each thing the newest, so it never becomes much. Pure."""

from __future__ import annotations

from collections import deque
from typing import Any

MOST_EVENTS = 200
"""Bus events that are kept for one that does not keep up; older ones are counted."""
_MOST_REFUSALS = 8


class Newest:
    """Messages of the live view that wait for one viewer."""

    def __init__(self) -> None:
        self._state: dict[str, Any] | None = None
        self._pins: dict[str, Any] = {}
        self._all_parts: dict[str, dict[str, Any]] | None = None
        self._parts: dict[str, dict[str, Any]] = {}
        self._events: deque[dict[str, Any]] = deque()
        self._dropped = 0
        self._refusals: deque[dict[str, Any]] = deque(maxlen=_MOST_REFUSALS)

    def put(self, message: dict[str, Any]) -> None:
        """Keep a message, or what it says newer than those before it."""
        kind = message["type"]
        if kind == "state":
            self._state = message
        elif kind == "pins":
            self._pins.update(message["pins"])
        elif kind == "parts":
            self._all_parts = {part["name"]: dict(part) for part in message["parts"]}
            self._parts.clear()
        elif kind == "part":
            self._put_part({key: value for key, value in message.items() if key != "type"})
        elif kind == "bus":
            self._put_events(message)
        else:
            self._refusals.append(message)

    def _put_part(self, part: dict[str, Any]) -> None:
        name = part["name"]
        if self._all_parts is not None and name in self._all_parts:
            self._all_parts[name].update(part)
        else:
            self._parts.setdefault(name, {}).update(part)

    def _put_events(self, message: dict[str, Any]) -> None:
        self._events.extend(message["events"])
        self._dropped += message["dropped"]
        while len(self._events) > MOST_EVENTS:
            self._events.popleft()
            self._dropped += 1

    def get(self) -> dict[str, Any] | None:
        """Return the next message to send, None when there is none."""
        if self._refusals:
            return self._refusals.popleft()
        if self._state is not None:
            state, self._state = self._state, None
            return state
        if self._pins:
            pins, self._pins = self._pins, {}
            return {"type": "pins", "pins": pins}
        return self._get_part() or self._get_events()

    def _get_part(self) -> dict[str, Any] | None:
        if self._all_parts is not None:
            parts, self._all_parts = self._all_parts, None
            return {"type": "parts", "parts": list(parts.values())}
        if self._parts:
            return {"type": "part", **self._parts.pop(next(iter(self._parts)))}
        return None

    def _get_events(self) -> dict[str, Any] | None:
        if not self._events and not self._dropped:
            return None
        events, self._events = self._events, deque()
        dropped, self._dropped = self._dropped, 0
        return {"type": "bus", "events": list(events), "dropped": dropped}
