"""Leadwake: answers every new lead in seconds and can prove that none was lost."""

__version__ = "0.1.0"
