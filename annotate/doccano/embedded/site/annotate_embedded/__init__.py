"""Our part of the embedded Doccano: runs inside the server's own environment (Django 4.2), nowhere else."""
