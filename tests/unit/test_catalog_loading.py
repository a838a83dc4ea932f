# ruff: noqa: E501  the table of slips below has one a line
"""Loading a catalog: everything that is wrong with it, at once, each with its file and line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning_cases import CATALOGS, CatalogCopy, shipped

from brightrun.catalog_loading import catalog_hash, load_catalog
from brightrun.errors import ProblemsError

ARC = "arcs/stuck_to_working.yaml"
EDGE = "arcs/outage_to_first_step.yaml"
TOPICS = "topics/devices.yaml"
PERSONA = "personas/family_helpline.yaml"
TEMPLATE = "prompts/stuck_to_working.yaml"
VARIATION = "variation.yaml"
SHARED = "prompts/shared.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> CatalogCopy:
    return CatalogCopy(tmp_path)


def test_the_copy_that_these_tests_break_is_whole(copy: CatalogCopy) -> None:
    assert copy.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        # cross-references
        (ARC, "[wifi_dead_spots, printer", "[wifi_dead_spot, printer", "`wifi_dead_spot` is no topic of this catalog"),
        (ARC, "suitable_personas: []", "suitable_personas: [family_helplin]", "`family_helplin` is no persona of this"),
        (ARC, "[wifi_dead_spots, pr", "[wifi_dead_spots, wifi_dead_spots, pr", "stands in suitable_topics twice"),
        (TOPICS, "[stuck_to_working]", "[stuck_to_work]", "`stuck_to_work` is no emotional arc of this catalog (did"),
        (TEMPLATE, "topics: []", "topics: [printer]", "`printer` is no topic of this catalog"),
        (TEMPLATE, "personas: []", "personas: [helpline]", "`helpline` is no persona of this catalog"),
        ("prompts/outage_near_miss.yaml", "[outage_to_first_step]", "[outage]", "`outage` is no emotional arc of this"),
        # emotions and bands
        (ARC, "start: {emotion: frustration", "start: {emotion: frustrated", "`frustrated` is not listed in catalog.yaml"),
        (ARC, "emotion: hope", "emotion: hopefulness", "emotion `hopefulness` is not listed"),
        (EDGE, "start: {emotion: irritation", "start: {emotion: iritation", "(did you mean `irritation`?)"),
        (VARIATION, "start: {emotion: neutral", "start: {emotion: neutrall", "(did you mean `neutral`?)"),
        (ARC, "[0.6, 0.8]", "[0.8, 0.6]", "an intensity band is two numbers from 0 to 1, the lower first"),
        (ARC, "[0.6, 0.8]", "[6, 8]", "an intensity band is two numbers from 0 to 1"),
        (ARC, "[0.6, 0.8]", "[0.6]", "`start.intensity.1` is missing"),
        ("catalog.yaml", "  - hope\n", "  - hope\n  - calm\n", "`calm` is a duplicate"),
        # shares
        (VARIATION, "{key: dry, share: 0.2", "{key: dry, share: 0.3", "the shares must add up to 1; they add up to 1.1"),
        (VARIATION, "resolved: 0.5,", "resolved: 0.6,", "the shares must add up to 1; they add up to 1.1"),
        (VARIATION, "life_event_share: 0.4", "life_event_share: .nan", "finite number"),
        ("advisor.yaml", "share: 0.5", "share: 0.4", "the shares must add up to 1; they add up to 0.9"),
        # unknown keys and wrong kinds
        (PERSONA, "archetype:", "archtype:", "unknown key `archtype` (did you mean `archetype`?)"),
        (PERSONA, "{min: 19, max: 72}", "{mni: 19, max: 72}", "unknown key `identity.age.mni` (did you mean `min`?)"),
        (PERSONA, "{min: 4, max: 29,", "{min: 40, max: 29,", "min 40 is above max 29"),
        (PERSONA, "- train driver", "- 42", "`identity.work.5`"),
        (TOPICS, "complexity: advanced", "complexity: hard", "is 'hard', allowed: 'beginner', 'intermediate' or 'advanced'"),
        (TOPICS, "value: 631", "value: true", "`topics.0.facts.items.0.value` must be a valid integer or a valid number"),
        (TOPICS, "year: 2017", "year: 20177", "`topics.0.facts.items.0.year`"),
        # requirements
        (TOPICS, "requires: {work:", "requires: {wrok:", "has no attribute `wrok` (did you mean `work`?)"),
        (TOPICS, "tags: [runs_business]", "tags: [runs_busines]", "carries the tag `runs_busines` (did you mean `runs_business`?)"),
        (TOPICS, "{tags: [runs_business]}", "{min: 3}", "takes a condition by tags"),
        (TOPICS, "{work: {tags: [runs_business]}}", "{age: {tags: [couple]}}", "takes a condition by min and max"),
        (TOPICS, "{work: {tags: [runs_business]}}", "{age: {min: 50, max: 40}}", "at least 50 and at most 40; nobody is"),
        (ARC, "suitable_personas: []", "requires: {age: {min: 90}}\nsuitable_personas: []", "no persona the arc suits can meet"),
        (VARIATION, "tags: [couple]", "tags: [cuople]", "carries the tag `cuople` (did you mean `couple`?)"),
        # duplicates
        (TOPICS, "name: VPN", "name: port forwarding", "concept `port forwarding` stands here twice"),
        (VARIATION, "{key: power_cut", "{key: visitors", "`visitors` is a duplicate"),
        (VARIATION, "{key: chatty", "{key: dry", "`dry` is a duplicate"),
        (EDGE, "key: kill_it", "key: whole_office_down", "`whole_office_down` is a duplicate"),
        ("advisor.yaml", "key: short", "key: canonical", "`canonical` is a duplicate"),
        # placeholders
        (TEMPLATE, "{{ arc.name }}", "{{ arc.nmae }}", "nothing fills `arc.nmae`: `arc` has no `nmae` (did you mean `name`?)"),
        (TEMPLATE, "{{ arc.summary | trim }}", "{{ topic.name }}", "nothing fills `topic.name`: template knows catalog"),
        (TEMPLATE, "{{ phase.user | trim }}", "{{ phase.usr | trim }}", "`arc.phases.[]` has no `usr` (did you mean `user`?)"),
        (TEMPLATE, "{{ arc.summary | trim }}", "{{ arc.complexity }}", "`arc.complexity` is used and does not stand in"),
        (TEMPLATE, "{% endfor %}\n  Avoid", "{% endfro %}\n  Avoid", "`text` is no template"),
        (TEMPLATE, "arc.strategy | replace", "arc.strategy | replce", "`text` is no template: No filter named 'replce'"),
        (TEMPLATE, "{{ arc.summary | trim }}", "{% include 'plain' %}", "a template stands alone"),
        (TEMPLATE, "{{ arc.summary | trim }}", "{{ arc }}", "`arc` is no text; name a field of it"),
        (TEMPLATE, "{{ arc.summary | trim }}", "{{ arc.phases | join }}", "`arc.phases` is no text; name a field of it"),
        (TEMPLATE, "  - arc.avoid\n", "  - arc.avoid\n  - arc.name\n", "`arc.name` stands in placeholders twice"),
        (TEMPLATE, "  - arc.avoid\n", "  - arc.avoid\n  - arc.outcomes\n", "nothing uses the placeholder `arc.outcomes`"),
        (SHARED, "Name: {{ person.name }}", "Name: {{ person.nam }}", "nothing fills `person.nam`"),
        (SHARED, "Archetype: {{ persona.archetype }}", "{{ plan.outcome }}", "persona knows catalog, persona"),
        (SHARED, "Role: {{ advisor.role | trim }}", "{{ advisor.system_prompts }}", "`advisor` has no `system_prompts`"),
        (SHARED, "Archetype: {{ persona.archetype }}", "{{ persona.identity.age }}", "`persona` has no `identity`"),
        # what a training system prompt must not name
        ("advisor.yaml", "text: \"\"", "text: Make The Family Helpline happy.", "this has the persona “The Family Helpline”"),
        ("advisor.yaml", "text: \"\"", "text: Lead people from stuck → working.", "this has the arc “Stuck → Working”"),
        ("advisor.yaml", "text: \"\"", "text: Bring relief to people.", "this has the emotion “relief”"),
    ],
)  # fmt: skip
def test_kf_03_every_slip_is_found_in_its_line(copy: CatalogCopy, file: str, old: str, new: str, says: str) -> None:
    """KF-01, KF-03, KF-58: references, shares, conditions, placeholders and system prompts are all checked."""
    name, line = copy.edit(file, old, new)
    found = copy.problems()
    near = [p for p in found if p.file == name and says in p.message]
    assert near, [str(problem) for problem in found]
    # what is wrong with a whole list, or missing, is said of the key that encloses it, a little above
    assert any(line - 40 < p.line <= line + old.count("\n") + 1 for p in near)


def test_a_slip_in_a_flow_of_keys_has_exactly_its_own_line(copy: CatalogCopy) -> None:
    name, line = copy.edit(ARC, "suitable_topics: [wifi_dead_spots", "suitable_topics: [wifi_dead_spotz")
    problem = copy.only_problem()
    assert (problem.file, problem.line) == (name, line)
    assert "(did you mean `wifi_dead_spots`?)" in problem.message


def test_a_placeholder_deep_in_a_block_of_text_has_exactly_its_own_line(copy: CatalogCopy) -> None:
    name, line = copy.edit(SHARED, "Level: {{ topic.complexity }}", "Level: {{ topic.complexty }}")
    problem = copy.only_problem()
    assert (problem.file, problem.line) == (name, line)


def test_kf_03_many_mistakes_in_many_files_are_reported_at_once_and_nothing_else(copy: CatalogCopy) -> None:
    """KF-03: all of them, each at its own line, without the noise that one mistake could make in other files."""
    made = [
        copy.edit("catalog.yaml", "user_role: caller", "user_roll: caller"),
        copy.edit(PERSONA, "key: family_helpline", "key: Family Helpline"),
        copy.edit(ARC, "[wifi_dead_spots, printer", "[wifi_dead_spotz, printer"),
        copy.edit("arcs/jargon_to_clarity.yaml", "exchanges: [3, 4]", "exchanges: [4, 3]"),
        copy.edit("topics/wifi.yaml", "[stuck_to_working, jargon_to_clarity]\n\n", "[stuck_to_workin]\n\n"),
        copy.edit("topics/security.yaml", "complexity: intermediate", "complexity: middling"),
        copy.edit(TEMPLATE, "{{ arc.name }}", "{{ arc.nam }}"),
        copy.edit(SHARED, "Name: {{ person.name }}", "Name: {{ person.nam }}"),
        copy.edit("advisor.yaml", "share: 0.5", "share: 0.6"),
        copy.edit(VARIATION, "{key: unwilling, share: 0.12", "{key: unwilling, share: 0.2"),
    ]
    copy.write("topics/extra.yml", "topics: []\n")
    found = {(problem.file, problem.line) for problem in copy.problems()}
    whole_list = {str(copy.folder / "advisor.yaml"), str(copy.folder / VARIATION)}
    assert {place for place in made if place[0] not in whole_list} <= found
    assert whole_list <= {file for file, _ in found}
    assert (str(copy.folder / "topics/extra.yml"), 0) in found
    allowed = {file for file, _ in made} | {str(copy.folder / "topics/extra.yml")}
    assert {file for file, _ in found} == allowed, [str(p) for p in copy.problems()]


def test_what_names_a_broken_file_is_not_blamed_for_it(copy: CatalogCopy) -> None:
    """A persona with one slip of its own is not missing from the topics that name it."""
    copy.edit("topics/wifi.yaml", "    suitable_personas: []\n    suitable_arcs: [stuck_to_working, jargon_to_clarity]\n\n",
              "    suitable_personas: [family_helpline]\n    suitable_arcs: [stuck_to_working]\n\n")  # fmt: skip
    copy.edit(PERSONA, "voice: >-", "vioce: >-")
    assert {Path(problem.file).name for problem in copy.problems()} == {"family_helpline.yaml"}


def test_kf_02_an_arc_without_a_template_is_refused(copy: CatalogCopy) -> None:
    """KF-02: before anything is planned, with the line of the arc."""
    (copy.folder / TEMPLATE).unlink()
    problem = copy.only_problem()
    assert problem.file == str(copy.folder / ARC)
    assert "arc `stuck_to_working` has no template for any persona and topic (kind: emotional)" in problem.message


def test_kf_02_a_template_that_leaves_out_a_topic_is_not_enough(copy: CatalogCopy) -> None:
    """KF-02: whom and what it is missing for is said."""
    copy.edit(TEMPLATE, "topics: []", "topics: [wifi_dead_spots, slow_connection]")
    message = copy.only_problem().message
    assert "has no template for accidental_administrator on" in message
    assert "and 7 more" in message


def test_kf_02_near_misses_and_plain_questions_need_templates_too(copy: CatalogCopy) -> None:
    """KF-02: the kinds of conversation that come as a share are no exception."""
    (copy.folder / "prompts/outage_near_miss.yaml").unlink()
    assert "has near misses and no template for them" in copy.only_problem().message
    (copy.folder / "prompts/plain.yaml").unlink()
    messages = [problem.message for problem in copy.problems()]
    assert sum("no template for plain questions" in message for message in messages) == 3


def test_a_key_that_is_there_twice_says_where_the_other_is(copy: CatalogCopy) -> None:
    shutil.copy(copy.folder / PERSONA, copy.folder / "personas/twin.yaml")
    problem = copy.only_problem()
    assert problem.file.endswith("twin.yaml")
    assert "is a duplicate; it stands in" in problem.message
    assert "family_helpline.yaml:1" in problem.message


def test_a_topic_that_nobody_fits_needs_reasons(copy: CatalogCopy) -> None:
    text = (copy.folder / TOPICS).read_text()
    start = text.index("    on_behalf:")
    copy.write(TOPICS, text[:start] + text[text.index("    facts:", start) :])
    assert (
        "family_helpline cannot meet what the topic requires; give `on_behalf` reasons" in copy.only_problem().message
    )


@pytest.mark.parametrize("file", ["catalog.yaml", "advisor.yaml", "variation.yaml", "prompts/shared.yaml"])
def test_a_missing_file_is_named_and_the_others_are_checked_all_the_same(copy: CatalogCopy, file: str) -> None:
    (copy.folder / file).unlink()
    name, line = copy.edit(ARC, "[wifi_dead_spots, printer", "[wifi_dead_spotz, printer")
    assert {(p.file, p.line) for p in copy.problems()} == {(str(copy.folder / file), 0), (name, line)}


@pytest.mark.parametrize("folder", ["personas", "arcs", "topics", "prompts"])
def test_a_missing_folder_is_named(copy: CatalogCopy, folder: str) -> None:
    shutil.rmtree(copy.folder / folder)
    assert any(f"{folder}" in problem.file for problem in copy.problems())


@pytest.mark.parametrize(
    "content",
    [b"", b"# nothing yet\n", b"name: caf\xe9\n", b"a: [1,\n", b"- a\n", b"just words", b"\x00", b"topics: {}\n", b"[" * 9999],
)  # fmt: skip
@pytest.mark.parametrize("file", ["catalog.yaml", PERSONA, ARC, TOPICS, TEMPLATE, SHARED, VARIATION, "advisor.yaml"])
def test_a_file_that_is_no_such_file_is_a_problem_of_its_own_only(copy: CatalogCopy, file: str, content: bytes) -> None:
    path = copy.write(file, content)
    problems = copy.problems()
    assert problems
    assert {problem.file for problem in problems} == {str(path)}, [str(problem) for problem in problems]


def test_files_that_nothing_reads_are_reported_and_what_systems_hide_is_not(copy: CatalogCopy) -> None:
    copy.write("personas/._family_helpline.yaml", b"\x00\x05\x16\x07")
    (copy.folder / "arcs/.#stuck_to_working.yaml").symlink_to("nowhere")
    (copy.folder / ".git").mkdir()
    copy.write(".git/config", "x")
    copy.write("README.md", "About this catalog.")
    assert copy.problems() == []
    copy.write("arcs/notes.txt", "x")
    copy.write("persona.yaml", "x: 1\n")
    assert {Path(p.file).name for p in copy.problems()} == {"notes.txt", "persona.yaml"}


def test_a_folder_or_a_broken_link_in_place_of_a_file_is_a_problem(copy: CatalogCopy) -> None:
    (copy.folder / "personas/another.yaml").mkdir()
    (copy.folder / "arcs/lost.yaml").symlink_to("nowhere.yaml")
    found = {Path(p.file).name: p.message for p in copy.problems()}
    assert "cannot be read" in found["another.yaml"]
    assert found["lost.yaml"] == "is missing"


def test_a_folder_that_is_none_is_told_from_those_beside_it() -> None:
    with pytest.raises(ProblemsError, match="did you mean `technical_support`"):
        load_catalog(CATALOGS / "technical_suport")


def test_kf_14_data_may_hold_semicolons_braces_and_template_syntax(copy: CatalogCopy) -> None:
    """KF-14: nothing in a text of the catalog is an injection, because no text of it is executed."""
    hostile = "Writes {{ person.name }}; DROP TABLE personas; {% for %} </person> ${HOME} `rm -rf`"
    copy.edit(PERSONA, "  - Tells where it came from", f"  - '{hostile}'\n  - Tells where it came from")
    assert hostile in load_catalog(copy.folder).personas["family_helpline"].speech_habits


def test_kf_14_a_template_cannot_reach_behind_the_fields(copy: CatalogCopy) -> None:
    """KF-14: attribute access like `__class__` is refused when the catalog is loaded."""
    copy.edit(TEMPLATE, "{{ arc.summary | trim }}", "{{ arc.__class__.__mro__ }}{{ arc['__init__'] }}")
    messages = [problem.message for problem in copy.problems()]
    assert any("`arc` has no `__class__`" in message for message in messages)
    assert any("`arc` has no `__init__`" in message for message in messages)


def test_kf_58_no_training_system_prompt_of_a_shipped_catalog_names_persona_arc_or_target() -> None:
    """KF-58: what the tuned model is given in use knows nothing of how its examples were planned."""
    for name in ("financial_planning", "technical_support"):
        catalog = shipped(name)
        prompts = " ".join(prompt.text for prompt in catalog.advisor.system_prompts).casefold()
        planned = [n for p in catalog.personas.values() for n in (p.key, p.name, p.archetype)]
        planned += [n for a in catalog.arcs.values() for n in (a.key, a.name, a.strategy, a.end.emotion)]
        assert [
            name for name in planned if name.casefold() in prompts.split() or f" {name.casefold()} " in prompts
        ] == []


def test_a_word_inside_another_is_not_that_word(copy: CatalogCopy) -> None:
    copy.edit(ARC, "strategy: credit_the_attempts_then_halve_the_problem", "strategy: lain")
    copy.edit("advisor.yaml", 'text: ""', "text: You are plain, and explain.")
    assert copy.problems() == []


def test_the_hash_changes_with_the_content_and_with_nothing_else(copy: CatalogCopy) -> None:
    before = catalog_hash(load_catalog(copy.folder))
    copy.edit(ARC, "complexity: 6", "complexity: 6   # a remark")
    os.utime(copy.folder / ARC, (1, 1))
    assert catalog_hash(load_catalog(copy.folder)) == before == catalog_hash(shipped("technical_support"))
    copy.edit(ARC, "complexity: 6 ", "complexity: 5 ")
    assert catalog_hash(load_catalog(copy.folder)) != before


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_line_may_be_lost_and_the_answer_is_a_catalog_or_its_problems(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    copy = CatalogCopy(tmp_path_factory.mktemp("lost"))
    files = sorted(path.relative_to(copy.folder).as_posix() for path in copy.folder.rglob("*.yaml"))
    file = data.draw(st.sampled_from(files))
    lines = (copy.folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
    lost = data.draw(st.integers(0, len(lines) - 1))
    replacement = data.draw(st.sampled_from(["", "- x\n", "  key: 5\n", "{{\n", "key: [\n"]))
    copy.write(file, "".join([*lines[:lost], replacement, *lines[lost + 1 :]]))
    for problem in copy.problems():
        assert problem.message
        assert Path(problem.file).is_relative_to(copy.folder)
