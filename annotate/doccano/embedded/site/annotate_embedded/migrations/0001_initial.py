"""The table of task owners."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """First and only."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="TaskOwner",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task_id", models.CharField(max_length=191, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("project", models.IntegerField()),
                ("user", models.IntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
