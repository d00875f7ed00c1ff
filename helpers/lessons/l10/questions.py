"""The predictions and the quiz of lesson 10."""

from ...exercises.question import Question, right, wrong

PREDICTIONS = ()

QUIZ = (
    Question(
        "A mail server is down for a minute. A worker tries a job three times at once, and then "
        "gives up. What comes of it?",
        wrong("The third attempt succeeds", "All three fail within the same second."),
        right(
            "A dead letter, though nothing is wrong with the job",
            "Back-off would have brought it back when the mail server was up again.",
        ),
        wrong("The job is lost", "It is kept in `orders:dead`, and somebody must replay it."),
    ),
    Question(
        "A job takes longer than the idle time that a sweep claims from. What does its worker do?",
        wrong("Acknowledge it first", "If the worker dies then, the job is lost."),
        wrong("Nothing: it is alive", "A sweep sees how long an entry was idle, and nothing else."),
        right(
            "Claim it for itself now and then, with `JUSTID`",
            "Its idle time is 0 again, and its delivery count stays as it was.",
        ),
    ),
    Question(
        "SIGTERM comes while a worker waits in `BLMOVE`. How does it stop?",
        right(
            "It waits for a second at most, and then looks at a flag",
            "The command ends by itself, so what it took is always known.",
        ),
        wrong("It cancels the command", "A job that comes at that moment is taken for nobody."),
        wrong(
            "It waits until a job comes", "If none comes, SIGKILL ends it, and perhaps in a job."
        ),
    ),
    Question(
        "A janitor has called `WATCH orders` on the stream. What lets its `EXEC` fail?",
        wrong("`XREADGROUP` gives an entry to somebody", "The stream itself is not changed by it."),
        wrong("`XACK` acknowledges an entry", "That changes what is pending, and not the stream."),
        right("`XADD` adds an entry", "Whoever is given it afterwards is safe from this janitor."),
    ),
    Question(
        "An order goes into a database, its event to a broker. Where is the event written first?",
        wrong(
            "To the broker, before the commit",
            "If the commit fails, all hear of an order that is nowhere.",
        ),
        right(
            "To a table, in the transaction of the order",
            "Both are there or neither is, and a relay publishes what is in the table.",
        ),
        wrong(
            "To the broker, after the commit",
            "If the process dies in between, nobody hears of the order.",
        ),
    ),
)
