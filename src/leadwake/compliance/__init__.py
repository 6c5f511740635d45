"""What may be sent to whom, and when: pure decisions over tables.

Read `gate.py` first: it asks the rules in their order, one rule family a file. The rules are numbered R-… as in the
compliance requirements; the tables are package data under `data/`.
"""
