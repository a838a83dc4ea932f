-- Who may see what, and do what. It says what is to be and not what changes, so it is applied whole, as often as one
-- likes, by whoever owns the tables. docs/decisions/0024-who-may-see-what.md has the reasons.
--
-- The roles anon, authenticated and service_role are Supabase's. Where authenticated is missing, there are no members.

-- A role that many logins may be put into: it does the pipeline's work.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brightrun_worker')
    AND EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
    CREATE ROLE brightrun_worker NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;  -- the upgrade of another database made it just now
END
$$;

-- Nothing of an older version stays.
DO $$
DECLARE
  policy record;
  held record;
BEGIN
  FOR policy IN
    SELECT policyname, tablename FROM pg_policies
    WHERE schemaname = current_schema() AND starts_with(policyname, 'brightrun_')
  LOOP
    EXECUTE format('DROP POLICY %I ON %I', policy.policyname, policy.tablename);
  END LOOP;
  FOR held IN
    SELECT tables.name, grantees.rolname FROM pg_roles AS grantees, unnest(ARRAY[
      'alembic_version', 'assessments', 'batch_items', 'batch_jobs', 'conversations', 'generations', 'item_transitions',
      'file_outbox', 'members', 'message_batches', 'prompt_blocks', 'releases', 'reviews', 'verdicts', 'workers'
    ]) AS tables(name)
    WHERE grantees.rolname IN ('anon', 'authenticated', 'brightrun_worker')
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM %I', held.name, held.rolname);
  END LOOP;
  FOR held IN
    SELECT sequences.relname AS name, grantees.rolname FROM pg_roles AS grantees, pg_depend AS owned
    JOIN pg_class AS sequences ON sequences.oid = owned.objid AND sequences.relkind = 'S'
    WHERE owned.classid = 'pg_class'::regclass AND owned.refclassid = 'pg_class'::regclass AND owned.deptype = 'a'
      AND owned.refobjid IN (
        'assessments'::regclass, 'file_outbox'::regclass, 'item_transitions'::regclass, 'releases'::regclass,
        'reviews'::regclass,
        'verdicts'::regclass
      )
      AND grantees.rolname IN ('anon', 'authenticated', 'brightrun_worker')
  LOOP
    EXECUTE format('REVOKE ALL ON SEQUENCE %I FROM %I', held.name, held.rolname);
  END LOOP;
END
$$;

-- Who asks, by the token that PostgREST verified.
CREATE OR REPLACE FUNCTION brightrun_subject() RETURNS text
LANGUAGE sql STABLE
RETURN nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub';
COMMENT ON FUNCTION brightrun_subject() IS NULL;  -- `brightrun db upgrade` notes there what it set

-- Their role; null for somebody who is no member. It reads the table for those who may not.
CREATE OR REPLACE FUNCTION brightrun_member_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
  SELECT role FROM members WHERE user_id = brightrun_subject();
END;

-- Whether they have one of these roles. Else it is an error: rows that are held back must not look like no rows.
CREATE OR REPLACE FUNCTION brightrun_requires(VARIADIC roles text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $$
DECLARE
  own text := brightrun_member_role();
BEGIN
  IF own = ANY (roles) THEN
    RETURN true;
  ELSIF own IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'You are no member of this Bright Run.';
  END IF;
  RAISE insufficient_privilege USING MESSAGE =
    format('This is for the role %s; yours is %s.', array_to_string(roles, ' or '), own);
END
$$;

REVOKE ALL ON FUNCTION brightrun_subject(), brightrun_member_role(), brightrun_requires(text[]) FROM PUBLIC;

-- People, who come with a token.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN
    REVOKE ALL ON FUNCTION brightrun_subject(), brightrun_member_role(), brightrun_requires(text[]) FROM anon;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
    RETURN;
  END IF;
  GRANT EXECUTE ON FUNCTION brightrun_subject(), brightrun_member_role(), brightrun_requires(text[]) TO authenticated;

  -- What was made, and what is thought of it: for every member.
  GRANT SELECT ON batch_jobs, batch_items, conversations, verdicts, assessments, reviews, releases TO authenticated;
  CREATE POLICY brightrun_read ON batch_jobs FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON batch_items FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON conversations FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON verdicts FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON assessments FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON reviews FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));
  CREATE POLICY brightrun_read ON releases FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('viewer', 'reviewer', 'owner')));

  -- What was sent, what came back and what it cost, and who works at it: for owners.
  GRANT SELECT ON generations, prompt_blocks, message_batches, item_transitions, workers, file_outbox TO authenticated;
  CREATE POLICY brightrun_read ON generations FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));
  CREATE POLICY brightrun_read ON prompt_blocks FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));
  CREATE POLICY brightrun_read ON message_batches FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));
  CREATE POLICY brightrun_read ON item_transitions FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));
  CREATE POLICY brightrun_read ON workers FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));
  CREATE POLICY brightrun_read ON file_outbox FOR SELECT TO authenticated
    USING ((SELECT brightrun_requires('owner')));

  -- Members see their own row, owners all.
  GRANT SELECT ON members TO authenticated;
  CREATE POLICY brightrun_read ON members FOR SELECT TO authenticated USING (
    (SELECT brightrun_requires('viewer', 'reviewer', 'owner'))
    AND (user_id = (SELECT brightrun_subject()) OR (SELECT brightrun_member_role()) = 'owner')
  );

  -- A review is written by reviewers, as themselves and now, and is not changed.
  GRANT INSERT (conversation_id, decision, note, actor) ON reviews TO authenticated;
  GRANT USAGE ON SEQUENCE reviews_id_seq TO authenticated;
  CREATE POLICY brightrun_review ON reviews FOR INSERT TO authenticated
    WITH CHECK ((SELECT brightrun_requires('reviewer', 'owner')) AND actor = (SELECT brightrun_subject()));
END
$$;

-- The pipeline. Grants say what it does with a table: rows of the past are written once, and only workers sign off.
DO $$
DECLARE
  worked_at text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brightrun_worker') THEN
    RETURN;
  END IF;
  GRANT SELECT ON alembic_version, reviews TO brightrun_worker;
  GRANT SELECT, INSERT ON prompt_blocks, item_transitions, verdicts, assessments, releases, conversations
    TO brightrun_worker;
  GRANT UPDATE (enriched) ON conversations TO brightrun_worker;
  GRANT SELECT, INSERT, UPDATE ON batch_jobs, batch_items, generations, message_batches TO brightrun_worker;
  GRANT SELECT, INSERT, UPDATE, DELETE ON workers, file_outbox TO brightrun_worker;
  GRANT USAGE ON SEQUENCE item_transitions_id_seq, verdicts_id_seq, assessments_id_seq, releases_id_seq,
    file_outbox_id_seq
    TO brightrun_worker;
  FOREACH worked_at IN ARRAY ARRAY[
    'alembic_version', 'assessments', 'batch_items', 'batch_jobs', 'conversations', 'generations', 'item_transitions',
    'file_outbox', 'message_batches', 'prompt_blocks', 'releases', 'reviews', 'verdicts', 'workers'
  ]
  LOOP
    EXECUTE format('CREATE POLICY brightrun_work ON %I TO brightrun_worker USING (true) WITH CHECK (true)', worked_at);
  END LOOP;
END
$$;
