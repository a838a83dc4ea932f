"""Who sees what through Supabase's API, and who may write what: asked of a real PostgREST with signed tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from postgrest import SyncPostgrestClient
from postgrest.exceptions import APIError
from supabase_servers import token
from team import OWNER, REVIEWER, STRANGER, VIEWER, Team

from brightrun.store.tables import metadata

DENIED = "42501"
FOR_MEMBERS = {
    "batch_jobs",
    "batch_items",
    "conversations",
    "verdicts",
    "assessments",
    "reviews",
    "releases",
    "members",
}
FOR_OWNERS = {"generations", "prompt_blocks", "message_batches", "item_transitions", "workers", "file_outbox"}
TABLES = [*sorted(metadata.tables), "alembic_version"]


def denied(request: object) -> str:
    """What is said of a request that must not go through."""
    with pytest.raises(APIError) as caught:
        request.execute()  # type: ignore[attr-defined]
    assert caught.value.code == DENIED, caught.value
    return str(caught.value.message)


def review(team: Team, actor: str, **more: object) -> dict[str, object]:
    return {"conversation_id": team.conversation_id, "decision": "approved", "actor": actor, **more}


@pytest.mark.parametrize("table", TABLES)
def test_kf_54_what_one_may_not_see_is_an_error_and_not_an_empty_list(team: Team, table: str) -> None:
    may_see = {
        VIEWER: FOR_MEMBERS,
        REVIEWER: FOR_MEMBERS,
        OWNER: FOR_MEMBERS | FOR_OWNERS,
        STRANGER: set(),
    }
    for subject, tables in may_see.items():
        asked = team.person(subject).table(table).select("*")
        if table in tables:
            assert asked.execute().data, subject
        else:
            said = denied(asked)
            assert subject is not STRANGER or "no member" in said or table == "alembic_version"
    denied(team.project.api.client(None).table(table).select("*"))


def test_kf_54_who_is_refused_is_told_why(team: Team) -> None:
    mine = team.person(STRANGER).table("conversations").select("id").eq("id", team.conversation_id)
    assert denied(mine) == "You are no member of this Bright Run."
    assert denied(team.person(VIEWER).table("workers").select("id")) == "This is for the role owner; yours is viewer."


def test_members_see_their_own_row_and_owners_all(team: Team) -> None:
    def seen_by(subject: str) -> list[str]:
        return [row["user_id"] for row in team.person(subject).table("members").select("*").execute().data]

    assert seen_by(VIEWER) == [VIEWER]
    assert seen_by(REVIEWER) == [REVIEWER]
    assert sorted(seen_by(OWNER)) == [VIEWER, REVIEWER, OWNER]


@pytest.mark.parametrize("subject", [REVIEWER, OWNER])
def test_kf_55_reviewers_write_reviews_as_themselves_and_now(team: Team, subject: str) -> None:
    before = team.rows("reviews")
    (row,) = team.person(subject).table("reviews").insert(review(team, subject, note="a note")).execute().data
    assert (row["actor"], row["note"]) == (subject, "a note")
    assert datetime.now(UTC) - datetime.fromisoformat(row["at"]) < timedelta(minutes=1)
    table = team.person(subject).table("reviews")
    assert "row-level security" in denied(table.insert(review(team, VIEWER)))
    denied(table.insert(review(team, subject, at="2020-01-01T00:00:00Z")))
    denied(table.insert(review(team, subject, id=1)))
    denied(table.update({"decision": "rejected"}).eq("id", row["id"]))
    denied(table.delete().eq("id", row["id"]))
    denied(table.upsert({**review(team, subject), "id": row["id"]}))
    assert team.rows("reviews") == before + 1


def test_kf_54_a_denied_write_is_an_error(team: Team) -> None:
    before = {table: team.rows(table) for table in TABLES}
    assert "for the role reviewer or owner; yours is viewer" in denied(
        team.person(VIEWER).table("reviews").insert(review(team, VIEWER))
    )
    assert "no member" in denied(team.person(STRANGER).table("reviews").insert(review(team, STRANGER)))
    for subject in (VIEWER, REVIEWER, OWNER, STRANGER, None):
        person = team.person(subject) if subject else team.project.api.client(None)
        denied(person.table("reviews").delete().neq("id", 0))
        denied(person.table("members").insert({"user_id": STRANGER, "role": "owner"}))
        denied(person.table("members").update({"role": "owner"}).eq("user_id", subject or ""))
        for table in TABLES:
            if table != "reviews":
                column = (
                    "version_num"
                    if table == "alembic_version"
                    else metadata.tables[table].primary_key.columns.keys()[0]
                )
                denied(person.table(table).update({column: None}).neq(column, "0"))
                denied(person.table(table).delete().neq(column, "0"))
                denied(person.table(table).insert({}))
    assert {table: team.rows(table) for table in TABLES} == before


def test_what_is_a_function_for_policies_tells_nobody_more_than_who_they_are(team: Team) -> None:
    assert team.person(REVIEWER).rpc("brightrun_member_role", {}).execute().data == "reviewer"
    denied(team.project.api.client(None).rpc("brightrun_member_role", {}))


def refusal(client: SyncPostgrestClient) -> str:
    with pytest.raises(APIError) as caught:
        client.table("batch_jobs").select("id").execute()
    return f"{caught.value.code} {caught.value.message}"


@pytest.mark.parametrize(
    ("bearer", "said"),
    [
        (token(OWNER, exp=1_700_000_000), "JWT expired"),
        (token(OWNER, secret="of-another-project-altogether-0123456789"), "JWSError"),
        (token(OWNER, aud="another-service"), "JWTNotInAudience"),
        (token(OWNER, role="brightrun_worker"), "permission denied to set role"),
        (token(OWNER, role="project_owner"), "permission denied to set role"),
        (token(OWNER, role="postgres"), "role"),
        (token(OWNER, role="anon"), "permission denied for table"),
        (token(None), "no member"),
        (jwt.encode({"sub": OWNER, "role": "authenticated"}, None, algorithm="none"), "JWSError"),
        ("no token at all", "JW"),
    ],
    ids=["expired", "forged", "audience", "worker", "owner", "unknown", "anon", "nobody", "none", "garbage"],
)
def test_a_token_that_is_expired_forged_or_for_another_role_opens_nothing(team: Team, bearer: str, said: str) -> None:
    assert said in refusal(team.project.api.client(bearer))


def test_the_service_key_does_everything_and_so_belongs_on_servers(team: Team) -> None:
    service = team.project.api.client(token(None, role="service_role"))
    assert service.table("prompt_blocks").select("*").execute().data
    added = service.table("members").insert({"user_id": "somebody-new", "role": "viewer"}).execute().data
    assert [row["role"] for row in added] == ["viewer"]
    assert service.table("members").delete().eq("user_id", "somebody-new").execute().data
    with pytest.raises(APIError, match="ck_members_role"):
        service.table("members").insert({"user_id": "somebody-new", "role": "god"}).execute()
