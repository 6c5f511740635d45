"""What a person means by a reply: R-REV-3 to R-REV-5 and R-TCPA-7. `compliance/reply.py` is the way in.

In the order of reading: `body` (what they wrote themselves), `words` (plain words, shorthand and typing mistakes
undone), `spelling`, `rule` (what a rule is), and the rules: `english` and
`english_doubts`, `spanish`, `further` (a few other languages).
"""
