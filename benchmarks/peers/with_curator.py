"""The generations, by Bespoke Curator: one `LLM` called with a dataset of prompts, on its Anthropic backend.

    python benchmarks/peers/with_curator.py URL PROMPTS.json IN_FLIGHT FOLDER

Measured is the call: its files of requests and of responses, and the dataset made of them. Its limits on requests and
tokens a minute stand so high that they do not bind. It has one system prompt for all rows, so each row's stands in
front of what the user says.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from peer_process import API_KEY, MAX_TOKENS, MODEL, TIMEOUT_S, WARM_UP, Stopwatch, peer_task, stay_on_loopback

stay_on_loopback()

import litellm  # noqa: E402
from bespokelabs import curator  # noqa: E402

from datasets import Dataset  # noqa: E402

UNBOUND_PER_MINUTE = 1_000_000_000

TOKENIZERS = Path(litellm.__file__).parent / "litellm_core_utils" / "tokenizers"
"""Curator counts the tokens of each prompt with an encoding that tiktoken would download; litellm brings it along."""


class Conversations(curator.LLM):
    """A conversation for each row's prompt."""

    def prompt(self, input: dict[str, str]) -> str:
        return f"{input['system']}\n\n{input['user']}"

    def parse(self, input: dict[str, str], response: str) -> dict[str, str]:  # noqa: ARG002
        return {"conversation": response}


def main() -> None:
    task = peer_task()
    os.environ["TIKTOKEN_CACHE_DIR"] = str(TOKENIZERS)
    writer = Conversations(
        model_name=MODEL,
        backend="anthropic",
        generation_params={"max_tokens": MAX_TOKENS},
        backend_params={
            "base_url": f"{task.url}/v1",
            "api_key": API_KEY,
            "request_timeout": TIMEOUT_S,
            "max_concurrent_requests": task.in_flight,
            "max_requests_per_minute": UNBOUND_PER_MINUTE,
            "max_input_tokens_per_minute": UNBOUND_PER_MINUTE,
            "max_output_tokens_per_minute": UNBOUND_PER_MINUTE,
        },
    )
    writer(Dataset.from_list(task.prompts[:WARM_UP]), working_dir=str(task.folder / "warm-up"))

    rows = Dataset.from_list(task.prompts)
    watch = Stopwatch()
    made = writer(rows, working_dir=str(task.folder / "measured"))
    watch.lap()
    replies = sum(bool(text) for text in made.dataset["conversation"])
    print(json.dumps(watch.figures(replies)))


if __name__ == "__main__":
    main()
