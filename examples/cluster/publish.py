#!/usr/bin/env python3
"""Says something in a room of the chat through Redis alone, with nothing but Python:

    python3 publish.py redis://127.0.0.1:6379 lobby "the kitchen is open"

With --notify the handlers of the members hear it, rather than their clients.
"""

import json
import socket
import sys
import time
import urllib.parse

# What stands before a message for handlers: an envelope, its version, a message, text (1) for handlers (2).
FOR_HANDLERS = bytes([0xFF, 0x01, 0x00, 0x01 | 0x02])


def command(*words: bytes) -> bytes:
    """A command as Redis reads it."""
    sized = [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n%s" % (len(words), b"".join(sized))


def publish(url: str, group: list[str], message: bytes) -> int:
    """Publishes to the members of a group; returns how many nodes have heard it."""
    redis = urllib.parse.urlsplit(url)
    name = ":".join(urllib.parse.quote(part, safe="") for part in group)
    with socket.create_connection((redis.hostname, redis.port or 6379), timeout=5) as stream:
        stream.sendall(command(b"PUBLISH", f"sockeye:{name}".encode(), message))
        reply = stream.makefile("rb").readline()
    if not reply.startswith(b":"):
        raise SystemExit(f"Redis refuses: {reply.decode().strip()}")
    return int(reply[1:])


def main(words: list[str]) -> None:
    prefix = b""
    if "--notify" in words:
        words.remove("--notify")
        prefix = FOR_HANDLERS
    if len(words) != 3:
        raise SystemExit(__doc__)
    url, room, text = words
    said = {"id": "python", "name": "Python", "text": text, "at": int(time.time() * 1000)}
    message = json.dumps({"action": "said", "payload": said}).encode()
    nodes = publish(url, ["room", room], prefix + message)
    print(f"heard by {nodes} nodes")


if __name__ == "__main__":
    main(sys.argv[1:])
