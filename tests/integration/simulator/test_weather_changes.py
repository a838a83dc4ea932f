"""Setting the weather: at the start by file and flags, and while it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from raw_client import send

from brightrun.errors import ProblemsError
from brightrun.simulator.fault_plan import FaultPlan, FaultRule, plan_of
from brightrun.simulator.faults import Fault
from brightrun.simulator.pytest_fixture import SimulatorUnderTest, StartSimulator

COMMANDS = {
    "brightrun simulate": ["-c", "from brightrun.cli import main; main()", "simulate"],
    "python -m brightrun.simulator": ["-m", "brightrun.simulator"],
}


def test_the_weather_changes_in_the_middle(simulator: SimulatorUnderTest) -> None:
    assert send(simulator.url).status == 200
    simulator.play("overloaded")
    assert [send(simulator.url).status for _ in range(2)] == [529, 529]
    simulator.play("forbidden@2")
    assert [send(simulator.url).status for _ in range(3)] == [200, 403, 200]
    simulator.play()
    assert send(simulator.url).status == 200


def test_a_simulator_starts_with_its_faults(run_simulator: StartSimulator) -> None:
    stormy = run_simulator(faults=plan_of("overloaded@1"))
    calm = run_simulator()
    assert [send(stormy.url).status, send(stormy.url).status, send(calm.url).status] == [529, 200, 200]


def test_a_plan_is_posted_and_shown(shared_simulator: SimulatorUnderTest) -> None:
    plan = FaultPlan(seed=4, faults=(FaultRule(fault=Fault.STALLED_BODY, probability=0.25, seconds=2),))
    shared_simulator.play_plan(plan)
    shown = send(shared_simulator.url, None, "/_simulator/faults")
    assert shown.data == {"seed": 4, "faults": [{"fault": "stalled_body", "probability": 0.25, "seconds": 2.0}]}


def test_a_bad_plan_is_refused_and_the_weather_stays(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("overloaded")
    bad = {"faults": [{"fault": "overloded"}]}
    refused = send(shared_simulator.url, bad, "/_simulator/faults")
    assert refused.status == 400
    assert "did you mean `overloaded`?" in refused.data["error"]["message"]
    assert send(shared_simulator.url).status == 529
    with pytest.raises(ProblemsError, match="did you mean `overloaded`"):
        shared_simulator.play("overloded")


@pytest.mark.parametrize("program", COMMANDS)
def test_both_commands_take_file_and_flags(tmp_path: Path, program: str) -> None:
    plan = tmp_path / "weather.yaml"
    plan.write_text("faults:\n  - {fault: overloaded, at: 1}\n")
    options = ["--port=0", "--latency=0:0", f"--faults={plan}", "--fault=forbidden@2", "--requests-per-minute=3"]
    process = subprocess.Popen([sys.executable, *COMMANDS[program], *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split(" at ")[1].split()[0]
        assert [send(url).status for _ in range(6)] == [529, 403, 200, 200, 200, 429]
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("program", COMMANDS)
def test_a_bad_plan_ends_the_command_with_2(tmp_path: Path, program: str) -> None:
    plan = tmp_path / "weather.yaml"
    plan.write_text(json.dumps({"faults": [{"fault": "overloaded", "probabilty": 0.1}]}))
    command = [sys.executable, *COMMANDS[program], "--port=0", f"--faults={plan}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert f"{plan}:1: unknown key `faults.0.probabilty` (did you mean `probability`?)" in done.stderr
