"""Clients that wait: who is served, and when a wait ends."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "three waiters get three jobs in the order in which they came",
        """
        ann~ BLPOP jobs 0
        bob~ BLPOP jobs 0
        carol~ BLPOP jobs 0
        shop: RPUSH jobs 1 2 3
        ann<
        bob<
        carol<
        shop: LLEN jobs
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
)
