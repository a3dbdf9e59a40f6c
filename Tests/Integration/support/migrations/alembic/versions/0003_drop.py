from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("alter table orders add column unwanted int")
    op.drop_table("order_lines")
