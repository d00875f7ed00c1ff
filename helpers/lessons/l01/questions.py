"""The predictions and the quiz of lesson 1."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("3 in the queues, 3 in the stream", "Each service needs a queue with its own copy."),
        right("6 in the queues, 3 in the stream", "A copy for each service, or one for all."),
        wrong("6 in both", "A stream stores an entry once, however many read it."),
    ),
    prediction(
        wrong("0 and 0", "Reading takes nothing out of a stream."),
        wrong("3 and 3", "LPOP removes what it returns."),
        right("0 and 3", "They took from the queues; in the stream they only looked."),
    ),
    prediction(
        right("1 and 4", "Its queue begins with the first push to it; the stream kept the rest."),
        wrong("4 and 4", "Nobody had pushed to its queue before."),
        wrong("1 and 1", "A stream keeps what others have read."),
    ),
)

QUIZ = (
    Question(
        "Why does the order go through while the mail service is down?",
        right("The message waits in the broker", "Nobody has to be awake to receive it."),
        wrong(
            "Redis calls the mail service later",
            "A list calls nobody: it waits until somebody asks.",
        ),
        wrong(
            "The shop tries again until it works",
            "It hands the message to the broker, and goes on.",
        ),
    ),
    Question(
        "A third service needs every order. What changes in the shop?",
        wrong("Nothing, with queues", "With queues the shop must push a third copy."),
        right("Nothing, with a stream", "The newcomer reads the same entries as the others."),
        wrong("With a stream, it pushes one more copy", "A stream stores each entry once."),
    ),
    Question(
        "What empties a stream?",
        wrong("Reading it", "XREAD and XRANGE remove nothing."),
        wrong("Time", "Redis has no setting that lets entries expire."),
        right("A command that trims or deletes", "XTRIM, or XADD with a limit, or XDEL."),
    ),
    Question(
        "Ten workers should share the resizing of images, each image once. Which fits?",
        wrong("Pub/sub", "Each of the ten would resize every image."),
        right("A queue", "One message, one consumer: the ten share the work."),
        wrong("A stream that all ten read", "Each reader sees every entry."),
    ),
    Question(
        "Which of the three keeps nothing at all?",
        right("Pub/sub", "Whoever listens at that moment gets it."),
        wrong("A list", "It keeps a message until one consumer takes it."),
        wrong("A stream", "It keeps entries, read or not."),
    ),
)
