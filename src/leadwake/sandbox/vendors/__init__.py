"""One stand-in a vendor: its paths, shapes and refusals. How badly it behaves is decided elsewhere."""
