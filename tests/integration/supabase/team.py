"""A Supabase project with one finished conversation in it, and people of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from postgrest import SyncPostgrestClient
from small_jobs import small_plan
from supabase_servers import Project

from brightrun.conversation import Conversation
from brightrun.planning import open_job
from brightrun.store.assessments import Assessment, keep_assessments
from brightrun.store.conversations import KeptVerdict, NewConversation, keep_conversations, keep_verdicts
from brightrun.store.database import open_database
from brightrun.store.files import CONVERSATION_FILES, LocalFiles
from brightrun.store.jobs import record_release
from brightrun.store.leases import sign_in
from brightrun.store.ledger import Intent, KeptReply, keep_replies, reserve
from brightrun.store.outbox import queue_files
from brightrun.store.requests import store_blocks
from brightrun.store.states import Purpose
from brightrun.store.tables import batch_items, message_batches

VIEWER = "5a1f7d8e-0000-4000-8000-000000000001"
REVIEWER = "5a1f7d8e-0000-4000-8000-000000000002"
OWNER = "5a1f7d8e-0000-4000-8000-000000000003"
STRANGER = "5a1f7d8e-0000-4000-8000-000000000004"
CONTENT = Conversation.model_validate(
    {
        "speaker": {"name": "D", "age": 40},
        "topic": "t",
        "outcome": "o",
        "turns": [{"role": "user", "content": "c", "emotion": "e", "intensity": 0.5}],
    }
)


@dataclass(frozen=True)
class Team:
    """A project whose members are the three of every role."""

    project: Project
    conversation_id: str

    def person(self, subject: str) -> SyncPostgrestClient:
        return self.project.as_person(subject)

    def rows(self, table: str) -> int:
        ((count,),) = self.project.as_owner(f"SELECT count(*) FROM {table}")
        return int(str(count))


@pytest.fixture(scope="session")
def team(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Every table has a row."""
    database = open_database(project.owner_url)
    job_id = open_job(database, small_plan(1), simulated=True).job.id
    cost = Decimal("0.001")
    with database.writing() as connection:
        item_id = str(connection.execute(batch_items.select()).mappings().one()["id"])
        store_blocks(connection, ["the authoring prompt"])
        reserve(connection, [Intent("g-1", job_id, item_id, 1, 1, "online", "m", "{}", cost)])
        keep_replies(connection, [KeptReply("g-1", b"{}", cost, "msg", "req", "end_turn", {}, 5, 6, True, 200)])
        (conversation_id,) = keep_conversations(connection, [NewConversation(job_id, item_id, "g-1", 1, CONTENT)])
        keep_verdicts(connection, [KeptVerdict(conversation_id, "accepted", [], [], "1", None, [])])
        keep_assessments(connection, [Assessment(conversation_id, Purpose.JUDGE, "g-1", "1", {})])
        record_release(connection, job_id, "v1", "path", [])
        sign_in(connection, job_id)
        mirrored = LocalFiles(tmp_path_factory.mktemp("files"), mirrored=True)
        queue_files(connection, mirrored, job_id, [(CONVERSATION_FILES, f"raw/{job_id}/{conversation_id}.json")])
        now = connection.exec_driver_sql("SELECT now()").scalar_one()
        batch = {"id": "b-1", "job_id": job_id, "state": "ended", "custom_ids_sha256": "", "requests": 1}
        connection.execute(message_batches.insert(), {**batch, "created_at": now})
    database.close()
    for subject, role in ((VIEWER, "viewer"), (REVIEWER, "reviewer"), (OWNER, "owner")):
        project.as_owner("INSERT INTO members (user_id, role) VALUES (%s, %s)", subject, role)
    review = "INSERT INTO reviews (conversation_id, decision, actor) VALUES (%s, 'approved', %s)"
    project.as_owner(review, conversation_id, REVIEWER)
    return Team(project, conversation_id)
