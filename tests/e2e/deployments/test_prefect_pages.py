"""What people see: the pages of the home's Prefect server in a real, headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.deployments.conftest import Deployed

LOAD_BOUND_MS = 60_000
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One page of a new browser; skipped where there is none, but never in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        message = f"No browser: none of {', '.join(NAMES)} is on the path (Debian: apt-get install chromium)."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=LOAD_BOUND_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        made = browser.new_page(viewport={"width": 1400, "height": 1100})
        made.set_default_timeout(LOAD_BOUND_MS)
        yield made
        browser.close()


@pytest.fixture(scope="module")
def shoot(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Shoot:
    """Keep a screenshot by this name, for people to look at; where it lies is printed."""
    folder: Path = tmp_path_factory.mktemp("screenshots")

    def keep(name: str) -> None:
        path = folder / f"{name}.png"
        page.screenshot(path=path)
        print(f"screenshot: {path}")

    return keep


def open_page(page: Page, deployed: Deployed, path: str) -> None:
    page.goto(deployed.home.api.removesuffix("/api") + path)


def test_the_run_page_shows_tasks_and_artifacts_by_name(
    page: Page, shoot: Shoot, deployed: Deployed, demo_run: str
) -> None:
    """And nothing on it comes from another machine, or from a server at another port."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, deployed, f"/runs/flow-run/{demo_run}")
    expect(page.get_by_text("build datasets/demo.yaml").first).to_be_visible()
    page.get_by_text("Task Runs", exact=True).first.click()
    for name in ("plan", "validate", "enrich", "export", "report"):
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_attached()
    combination = "anxious_planner × confusion_to_clarity × grandparent_529"
    expect(page.get_by_role("link", name=combination).first).to_be_attached()
    shoot("run-tasks")
    page.get_by_text("Artifacts", exact=True).first.click()
    for key in ("progress", "summary", "coverage", "quality"):
        expect(page.get_by_text(key, exact=True).first).to_be_visible()
    shoot("run-artifacts")
    own = deployed.home.api.removesuffix("/api")
    assert [url for url in asked if not url.startswith((own, f"blob:{own}", "data:"))] == []


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        (
            "summary",
            ["8 of 8 conversations are ready", "SIMULATED: not fit to train on.", "safe to train on", "release"],
        ),
        ("coverage", ["grandparent_529", "1 of 1", "why not more"]),
        ("quality", ["condition", "must hold", "should hold", "found"]),
        ("progress", ["Conversations that are settled", "100%"]),
    ],
)
def test_an_artifact_page_is_readable(
    page: Page, shoot: Shoot, deployed: Deployed, demo_run: str, key: str, texts: list[str]
) -> None:
    artifact = next(each for each in deployed.artifacts(demo_run) if each["key"] == key)
    open_page(page, deployed, f"/artifacts/artifact/{artifact['id']}")
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()
    shoot(f"artifact-{key}")


def test_the_run_form_is_the_spec(page: Page, shoot: Shoot, deployed: Deployed) -> None:
    """Every part with its fields, and what each of them means."""
    open_page(page, deployed, f"/deployments/deployment/{deployed.deployment('ad-hoc')['id']}/run")
    page.get_by_text("DatasetSpec", exact=True).click()
    for text in (
        "Path of a spec file where the run's process starts, or the spec itself.",
        "Make another job, even if one of the same content is there.",
        "Lower case letters, digits and dashes.",
        "Which combinations of persona, arc and topic are wanted, and how many conversations of each.",
        "Accepted conversations wanted of every combination.",
        "Most US dollars the job may spend.",
        "What is never divided between splits.",
    ):
        expect(page.get_by_text(text)).to_be_visible()
    for title in ("Personas", "Arcs", "Topics", "Model", "Budget Usd", "Formats", "Splits"):
        expect(page.get_by_text(title).first).to_be_visible()
    shoot("run-form")
