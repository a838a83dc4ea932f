"""Starting a simulator with values that cannot work."""

from __future__ import annotations

import pytest

from brightrun.errors import RequestError
from brightrun.simulator.command import simulate


@pytest.mark.parametrize(
    "port, latency, said",
    [
        (0, "abc", "--latency 'abc': give LOW:HIGH in seconds"),
        (0, "2:1", "--latency 2.0:1.0: give LOW:HIGH in seconds"),
        (0, "inf", "--latency inf:inf: give LOW:HIGH in seconds"),
        (70_000, "0:0", "--port 70000: give 0 for any free port"),
    ],
)
def test_the_option_that_cannot_work_is_named(port: int, latency: str, said: str) -> None:
    with pytest.raises(RequestError) as refused:
        simulate("127.0.0.1", port, 0, latency)
    assert str(refused.value).startswith(said)
