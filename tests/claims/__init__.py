"""What the course claims outside of its cells, and how each claim is proved.

A lesson's cells prove what they print. A quiz reason, a hint, a line of a card, of a recap or of
"In practice" prints nothing, and may be wrong for years. Each has a row in `lesson_N.tsv`: the
sentence, a tab, and its proof (`proofs.py` has the kinds).
"""
