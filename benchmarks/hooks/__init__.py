"""What is put before a measured program, to look into it."""
