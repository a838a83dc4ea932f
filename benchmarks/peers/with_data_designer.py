"""The generations, by NeMo Data Designer: one text column over a seed dataset of prompts.

    python benchmarks/peers/with_data_designer.py URL PROMPTS.json IN_FLIGHT FOLDER

Measured from the call of `create` until its last batch of rows is on disk; the statistics of columns that it makes
afterwards are not counted. Its endpoint for metrics is off, and so is its first call to see whether the model is there.
"""

from __future__ import annotations

import json

from peer_process import (
    API_KEY,
    MAX_TOKENS,
    MODEL,
    TIMEOUT_S,
    WARM_UP,
    PeerTask,
    Stopwatch,
    peer_task,
    stay_on_loopback,
)

stay_on_loopback()

import data_designer.config as dd  # noqa: E402
import pandas as pd  # noqa: E402
from data_designer.interface import DataDesigner  # noqa: E402


def columns(task: PeerTask, prompts: list[dict[str, str]]) -> dd.DataDesignerConfigBuilder:
    model = dd.ModelConfig(
        alias="writer",
        model=MODEL,
        provider="here",
        skip_health_check=True,
        inference_parameters=dd.ChatCompletionInferenceParams(
            max_tokens=MAX_TOKENS, max_parallel_requests=task.in_flight, timeout=TIMEOUT_S
        ),
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    builder.with_seed_dataset(dd.DataFrameSeedSource(df=pd.DataFrame(prompts)))
    builder.add_column(
        dd.LLMTextColumnConfig(
            name="conversation", model_alias="writer", system_prompt="{{ system }}", prompt="{{ user }}"
        )
    )
    return builder


def main() -> None:
    task = peer_task()
    provider = dd.ModelProvider(name="here", endpoint=task.url, provider_type="anthropic", api_key=API_KEY)
    designer = DataDesigner(artifact_path=task.folder, model_providers=[provider])
    designer.set_run_config(dd.RunConfig(otel_metrics_port=None))
    designer.create(columns(task, task.prompts[:WARM_UP]), num_records=WARM_UP, dataset_name="warm-up")

    asked = columns(task, task.prompts)
    watch = Stopwatch()
    made = designer.create(
        asked, num_records=len(task.prompts), dataset_name="measured", on_batch_complete=lambda _path: watch.lap()
    )
    replies = int((made.load_dataset()["conversation"].str.len() > 0).sum())
    print(json.dumps(watch.figures(replies)))


if __name__ == "__main__":
    main()
