"""What a suggester learns from and how well it does: pure, without numbers crunched."""
