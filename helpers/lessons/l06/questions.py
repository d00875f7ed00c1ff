"""The predictions and the quiz of lesson 6."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("All four", "With an id, XREADGROUP reads only what is pending for this name."),
        right("Only 2-0", "It was given to her and is not acknowledged yet."),
        wrong("None", "Her pending entries are kept for her name."),
    ),
    prediction(
        right("None", "Carol's claim is the third delivery, and three is the limit."),
        wrong("One, Carol", "Her claim counts before a handler sees the entry."),
        wrong("Three, as the limit says", "The deliveries to Bob and to Ann count as well."),
    ),
    prediction(
        wrong("Both lose it", "Careful has packed it."),
        right("Hasty loses it, careful packs it twice", "Lost, or twice: there is no third way."),
        wrong("Hasty packs it twice, careful loses it", "It is the other way round."),
    ),
)

QUIZ = (
    Question(
        "Two groups read one stream, three workers in each. Who gets an entry?",
        wrong("All six workers", "Within a group the work is split."),
        right("One worker of each group", "Split within a group, shared between groups."),
        wrong("One of the six", "Each group has a cursor of its own."),
    ),
    Question(
        "XACK has returned 1. Is the entry still in the stream?",
        right("Yes", "It left one group's list. Only trimming or deleting removes it."),
        wrong("No", "Acknowledging is not deleting."),
        wrong("Only if other groups need it", "What other groups need makes no difference."),
    ),
    Question(
        "With which id does a worker begin after a restart?",
        wrong(">", "It would forget what it had begun."),
        wrong("$", "That is for the creation of a group, and for XREAD."),
        right("0, and then >", "First what is unfinished under its name, then new ones."),
    ),
    Question(
        "Workers read one entry at a time. Pending grows, lag stays at 0. What is wrong?",
        wrong("There are too few workers", "Then the lag would grow."),
        right(
            "Workers take entries and do not finish",
            "They are slow, or dead, or never acknowledge.",
        ),
        wrong("Nothing", "What is pending has not been acknowledged."),
    ),
    Question(
        "Every entry is delivered at least once. How do you get exactly one effect?",
        wrong("Acknowledge before the work", "Then a crash loses it."),
        wrong("NOACK", "That is fire and forget."),
        right("An idempotent handler", "The second delivery then changes nothing."),
    ),
)
