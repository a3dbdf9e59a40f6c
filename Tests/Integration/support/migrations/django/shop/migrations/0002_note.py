from django.db import migrations, models


def fill(apps, editor):
    order = apps.get_model("shop", "Order")
    order.objects.create(customer="ada")
    order.objects.filter(customer="ada").update(note="first")


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("Order", "note", models.TextField(default="")),
        migrations.RunPython(fill),
    ]
