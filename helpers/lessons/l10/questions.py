"""The predictions and the quiz of lesson 10."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("Packed, at the third try", "The printer was away for all three."),
        wrong("In `later`", "The third failure was the last that we allow."),
        right("Among the dead letters", "Three tries took no time, and the printer needed some."),
    ),
    prediction(
        wrong("She gets an error: it is Bob's", "XCLAIM does not ask whose it is."),
        wrong("Nothing: Bob keeps it", "XCLAIM takes what has been idle for 0 ms: everything."),
        right("She takes it away from Bob", "XCLAIM gives it to whoever asks for it."),
    ),
    prediction(
        wrong("In the list", "A client was waiting for it, so it was handed over at once."),
        wrong("With Ann", "Her task was cancelled, so nobody reads the reply."),
        right("Nowhere", "The broker had not heard yet that Ann has given up."),
    ),
    prediction(
        wrong("It fails: the stream was changed", "No entry was added or removed."),
        right(
            "It works, and takes an entry with it", "What a group notes down, WATCH does not see."
        ),
        wrong("It works, and nothing is lost", "DELCONSUMER answers that an entry went with it."),
    ),
)

QUIZ = (
    Question(
        "A mail server is down for a minute. A worker tries a job three times at once, and then "
        "gives up. What comes of it?",
        wrong("The third attempt succeeds", "All three fail within the same second."),
        right(
            "A dead letter, though nothing is wrong with the job",
            "Back-off would have brought it back when the mail server was up again.",
        ),
        wrong("The job is lost", "It is among the dead letters, and somebody must replay it."),
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
