"""pmsync keeps a ProcessMind tenant equal to what a Git repository declares."""

__version__ = "0.2.0"
