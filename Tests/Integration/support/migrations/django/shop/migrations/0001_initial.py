import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("customer", models.CharField(max_length=80, db_index=True)),
            ("placed", models.DateTimeField(auto_now_add=True)),
        ]),
        migrations.CreateModel("OrderLine", [
            ("id", models.BigAutoField(primary_key=True)),
            ("order", models.ForeignKey("shop.Order", django.db.models.deletion.CASCADE)),
            ("amount", models.DecimalField(max_digits=12, decimal_places=2)),
        ]),
    ]  # fmt: skip
