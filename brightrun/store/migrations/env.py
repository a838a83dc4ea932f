"""Alembic's door: runs the migrations on the connection the program gives it."""

from alembic import context

from brightrun.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
