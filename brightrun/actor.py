"""Who acts: what every row that a person is answerable for is signed with (KF-55)."""

from __future__ import annotations

import getpass
import os
import socket

from sqlalchemy import Connection

from brightrun.configuration import ACTOR_TOKEN
from brightrun.store.postgres import signed_in_as

LONGEST = 160
"""So many characters have a place in the store."""


def actor(connection: Connection) -> str:
    """Who acts through this connection: the person whose token is given, else the database's role and the system user.

    Raises RequestError for a token that does not hold.
    """
    token = os.environ.get(ACTOR_TOKEN, "").strip()
    if token:
        from brightrun.tokens import verified_subject

        return verified_subject(token)
    role = signed_in_as(connection)
    signed = f"{role} ({system_user()})" if role else system_user()
    return signed if len(signed) <= LONGEST else f"{signed[: LONGEST - 1]}…"


def system_user() -> str:
    """The user of the system that this process runs as, on this host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid{os.getuid()}"
    return f"{user}@{socket.gethostname()}"
