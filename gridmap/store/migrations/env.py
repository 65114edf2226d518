"""Alembic's entry: on the connection that `gridmap.store.schema` opened, or from `alembic` on the command line."""

from alembic import context
from sqlalchemy import Connection

from gridmap.settings import read_settings
from gridmap.store.autogenerate import build_options, read_geometry_columns


def run(connection: Connection) -> None:
    """Migrate, or compare, inside the transaction that is open already."""
    context.configure(connection=connection, transaction_per_migration=False, **build_options())
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from gridmap.store.database import begin_writing, build_engine

    with begin_writing(build_engine(read_settings().database_url)) as opened:
        read_geometry_columns(opened)
        run(opened)
