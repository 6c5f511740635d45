"""Nurture sequences: plans written as text, and the one engine that production and rehearsals follow them by."""
