"""The connection breaks while Postgres commits: what was kept is not made twice, and what was not is made."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from database_servers import every_postgres
from small_jobs import JobAtHand
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import make_url

from brightrun.store.database import Database, open_database
from brightrun.store.ledger import Intent, Reservation, reserve
from brightrun.store.tables import prompt_blocks
from brightrun.store.writer import LedgerWriter

WAIT_S = 30
COMMIT = b"COMMIT\0"
after_or_before = pytest.mark.parametrize("delivers", [True, False], ids=["answer lost", "commit lost"])


class Wire:
    """Stands between a client and its database; once told to, it breaks when a commit comes by."""

    def __init__(self, url: str, delivers: bool) -> None:
        self._there = make_url(url)
        self._delivers = delivers
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = self._there.set(port=self._door.getsockname()[1]).render_as_string(hide_password=False)
        self.breaks = 0
        self.broken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection((str(self._there.host), int(self._there.port or 0)))
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._to_client, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                if self.breaks and COMMIT in data:
                    self.breaks -= 1
                    self.broken += 1
                    client.shutdown(socket.SHUT_RDWR)  # so that no answer gets through
                    if self._delivers:
                        server.sendall(data)
                    return  # and the server is left alone with its session, as by a machine that vanished
                server.sendall(data)
            server.close()

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                client.sendall(data)
        client.close()


@contextmanager
def through(wire: Wire) -> Iterator[Database]:
    database = open_database(wire.url)
    yield database
    database.close()
    wire.close()


@every_postgres
@after_or_before
def test_a_change_whose_commit_got_no_answer_is_there_once(
    new_job: Callable[..., JobAtHand], database_url: str, delivers: bool
) -> None:
    job = new_job()
    wire = Wire(database_url, delivers)
    with through(wire) as database:
        writer = LedgerWriter(database)

        def count(connection: Connection) -> int:
            there = connection.execute(select(func.count()).select_from(prompt_blocks)).scalar_one()
            connection.execute(insert(prompt_blocks).values(sha256=str(there), text="a"))
            return int(there)

        assert writer.submit(count).result(WAIT_S) == 0
        wire.breaks = 1
        assert writer.submit(count).result(WAIT_S) == 1
        wire.breaks = 2
        assert writer.submit(count).result(WAIT_S) == 2
        writer.close()
    assert wire.broken == 3  # the second time also while it asked what had become of it, or made it again
    with job.here.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(prompt_blocks)).scalar() == 3


@every_postgres
@after_or_before
def test_law_4_a_reservation_is_made_once(new_job: Callable[..., JobAtHand], database_url: str, delivers: bool) -> None:
    job = new_job(budget_usd=Decimal(5))
    intent = Intent("g-1", job.id, job.items[0]["id"], 1, 1, "online", "m", "{}", Decimal(1))
    wire = Wire(database_url, delivers)
    with through(wire) as database:
        writer = LedgerWriter(database)
        wire.breaks = 1
        assert writer.submit(lambda connection: reserve(connection, [intent])).result(WAIT_S) == [Reservation.MADE]
        writer.close()
    assert [call["id"] for call in job.calls] == ["g-1"]
    assert job.job.reserved_usd == Decimal(1)
    job.assert_books_balance()
