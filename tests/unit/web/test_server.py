"""The listening socket, whose options every accepted connection inherits."""

from __future__ import annotations

import socket

import pytest

from gridmap.web.server import send_without_delay


def accept_one(listener: socket.socket) -> int:
    """TCP_NODELAY of a connection accepted from `listener`."""
    with socket.create_connection(listener.getsockname()[:2]), listener.accept()[0] as accepted:
        return accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("backlog", [(), (5,)])
def test_a_connection_accepted_meanwhile_sends_without_delay(backlog: tuple[int, ...]) -> None:
    with send_without_delay(), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(*backlog)
        assert accept_one(listener) != 0


def test_sockets_are_as_ever_afterwards() -> None:
    plain = socket.socket.listen
    with pytest.raises(RuntimeError, match="stopped"), send_without_delay():
        raise RuntimeError("stopped")
    assert socket.socket.listen is plain
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert accept_one(listener) == 0


def test_other_kinds_of_sockets_are_left_alone() -> None:
    with send_without_delay(), socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0gridmap-test-without-delay")
        listener.listen()
        assert listener.getsockname()
