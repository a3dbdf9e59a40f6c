from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_note")]
    operations = [
        migrations.RunSQL("alter table shop_order add column unwanted int"),
        migrations.DeleteModel("OrderLine"),
    ]
