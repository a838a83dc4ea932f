"""Links into the Prefect UI."""

from __future__ import annotations


def flow_run_link(api_url: str, flow_run_id: str) -> str:
    """The page of a flow run, from the address of the API it is recorded in."""
    return f"{api_url.rstrip('/').removesuffix('/api')}/runs/flow-run/{flow_run_id}"
