"""The sequences that come with Leadwake, one file each."""
