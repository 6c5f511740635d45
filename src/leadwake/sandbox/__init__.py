"""Stand-ins for the vendors over real HTTP, which can be told to misbehave; they know nothing of the product."""
