"""The predictions and the quiz of lesson 10."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("At 10, at the third try", "The printer was away for all three."),
        wrong("At 45, with the printer", "The third failure was the last that we allow."),
        right("Never", "Three tries took no time, and the printer needed some."),
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
        "A job has failed, and should be tried again later. How does its worker put it off?",
        wrong("ZADD, then XACK", "A death in between leaves it in two places."),
        wrong("XACK, then ZADD", "A death in between leaves it nowhere."),
        right("Both in one MULTI", "So it is in one place at any moment, whoever dies."),
    ),
    Question(
        "A job takes longer than the idle time that a sweep claims from. What does its worker do?",
        wrong("Acknowledge it first", "If the worker dies then, the job is lost."),
        wrong("Nothing: it is alive", "A sweep sees how long an entry was idle, and nothing else."),
        right(
            "Claim it for itself now and then, with JUSTID",
            "Its idle time is 0 again, and its delivery count stays as it was.",
        ),
    ),
    Question(
        "SIGTERM comes while a worker has a job in hand, and more are in the queue. What now?",
        right(
            "It finishes this one, and takes no other",
            "What it has not taken lies in the queue, and another worker takes it.",
        ),
        wrong("It puts the job back, and returns", "The next worker repeats what is half done."),
        wrong(
            "It works until the queue is empty",
            "The grace period may end before, and SIGKILL comes in the middle of a job.",
        ),
    ),
    Question(
        "Workers read with > only. A janitor watches the stream, and deletes whoever was idle "
        "for long and has nothing pending. When is that safe?",
        wrong("Always", "WATCH does not notice that a group hands out what is unread."),
        right(
            "When nothing is unread",
            "Before anything can be given it must be added, and WATCH notices that.",
        ),
        wrong(
            "When nothing is pending in the group",
            "What is unread can be given in the next moment.",
        ),
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
