from django.db import models


class Order(models.Model):
    customer = models.CharField(max_length=80, db_index=True)
    placed = models.DateTimeField(auto_now_add=True)
    note = models.TextField(default="")


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
