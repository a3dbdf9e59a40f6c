import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("placed", sa.DateTime(timezone=True), server_default=sa.func.now()),
    )
    op.create_index("orders_by_customer", "orders", ["customer"])
    op.execute("insert into orders (customer) values ('ada'), ('grace')")
