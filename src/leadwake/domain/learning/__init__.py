"""A score learned from a table of past leads: which columns there are, what is learned of them, how far it is right.

columns   what stands in each column, and the steps its values fall into
boosting  many small trees, one after the other
model     trained from a table, kept as JSON, applied to another
judging   how well the scores tell apart, and whether they are probabilities
fairness  columns that stand for protected classes, which nothing is learned from
"""
