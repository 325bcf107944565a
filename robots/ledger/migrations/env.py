"""Alembic's door: runs the migrations on the connection that robots.ledger.store hands over."""

from alembic import context

from robots.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
