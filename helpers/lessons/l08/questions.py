"""The predictions and the quiz of lesson 8."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("Killed before the work, one is lost", "It is in the dead worker's own list."),
        right("Killed after it, one comes twice", "The next worker cannot know that it is done."),
        wrong("Neither ever happens", "What is done and not yet acknowledged is done again."),
    ),
    prediction(
        right("Three", "The rest died with its connection."),
        wrong("One", "The fourth and the fifth were in nobody else's hands."),
        wrong("None, the next worker gets them", "None of them was in the broker."),
    ),
    prediction(
        wrong("Publish", "Whoever is away or late gets nothing."),
        wrong("Move", "One team would take everything, and the newcomer finds nothing."),
        right("Group", "The stream keeps what was read, and each group has its own place."),
    ),
    prediction(
        wrong("orders for payment and for shipping", "A stream with two groups survives it."),
        right(
            "card payment, handler not idempotent",
            "Lost, or twice: there is no third way.",
        ),
        wrong("analytics, begins next month", "A stream keeps what it will need."),
    ),
)

QUIZ = (
    Question(
        "Which of these can be repaired afterwards?",
        wrong("A lost job", "Nobody knows of it."),
        right("A job that came twice", "An idempotent handler puts it right."),
        wrong("Neither", "The second delivery can be recognised by its id."),
    ),
    Question(
        "When does a design with an acknowledgement handle a job twice?",
        wrong("When the worker dies before the work", "Then it is done once, by the next worker."),
        right(
            "When it dies after the work, before the acknowledgement",
            "Its job then looks unfinished.",
        ),
        wrong(
            "When two workers wait",
            "Each job goes to one of them, if each has its own name or list.",
        ),
    ),
    Question(
        "A Redis server with neither snapshots nor an append-only file is killed. "
        "What is left of a stream?",
        wrong("What was acknowledged", "Nothing was written to a disk."),
        wrong("Everything", "It was in memory only."),
        right("Nothing", "An append-only file would have kept nearly all of it."),
    ),
    Question(
        "Which is enough for 'is typing' in a chat?",
        right("Pub/sub", "The next message makes the last one worthless."),
        wrong("A stream with groups", "It works, but leaves you much to look after."),
        wrong("A list with a sweep", "Nobody needs an old 'is typing' back."),
    ),
    Question(
        "You need a fixed sequence and several workers. What do you do?",
        right("One worker, or one stream per customer", "The sequence holds within one worker."),
        wrong(
            "Take a list instead of the stream, with BLPOP",
            "With several workers neither keeps the sequence.",
        ),
        wrong("Acknowledge in sequence", "The work itself is out of sequence by then."),
    ),
)
