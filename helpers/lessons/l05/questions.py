"""The predictions and the quiz of lesson 5."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("It is put in its place", "Nothing is ever inserted into a stream."),
        wrong("It is put at the end", "Then the sequence of the ids would be broken."),
        right("It is refused", "A new id must be greater than the last one."),
    ),
    prediction(
        right("Both", "They read the entry without taking it."),
        wrong("Ann, who has waited longest", "That is how BLPOP hands out the elements of a list."),
        wrong("One of them", "For that they need a consumer group."),
    ),
    prediction(
        wrong("Rug, vase and clock", "Her $ means now, and now comes after the first two."),
        right("Only the clock", "What came between two calls with $ is never seen."),
        wrong("Nothing", "The clock comes after her call."),
    ),
    prediction(
        wrong("50", "Exact trimming would leave 50."),
        right("100", "Whole blocks of 100 are dropped, as long as at least 50 entries remain."),
        wrong("300", "Two blocks can go, and 100 entries remain."),
    ),
    prediction(
        wrong("None, the entry is refused", "Only an id that you name can be too small."),
        wrong("Today's time", "Ids never go back, even when the last one was wrong."),
        right("The last one, counted up", "That goes on until the clock has caught up."),
    ),
)

QUIZ = (
    Question(
        "What does the id 1772442000000-1 tell you?",
        wrong("It is entry number 1772442000000", "Ids do not count entries."),
        right(
            "When it was added, and that it was the second in that millisecond",
            "If Redis made it, by its clock: the milliseconds, and a number within them.",
        ),
        wrong(
            "Who added it: a client's number, and its first entry",
            "An entry has no sender unless you add one.",
        ),
    ),
    Question(
        "Ten readers have read an entry. How many copies of it are left in the stream?",
        right("One", "It is stored once, and stays until it is trimmed or deleted."),
        wrong("None", "Reading removes nothing."),
        wrong("Ten", "Each reader keeps a cursor, not a copy."),
    ),
    Question(
        "When may a reader use $?",
        wrong("In every call", "What comes between two calls would be missed."),
        wrong("Never", "It is how to begin with what is new."),
        right("In its first call", "After that it goes on from the last id that it got."),
    ),
    Question(
        "The last entry of a stream is deleted. What is left?",
        wrong("Nothing, the key is gone", "That is how a list behaves."),
        right("An empty stream that knows its last id", "So ids cannot go back even now."),
        wrong(
            "A key that answers reads with an error",
            "A read finds nothing, and that is not an error.",
        ),
    ),
    Question(
        "How does a stream keep only the entries of the last day?",
        wrong("A setting of the server", "Redis has none for this."),
        wrong("EXPIRE", "It would remove the whole stream at once."),
        right("Somebody trims with MINID", "Each producer as it adds, or a job now and then."),
    ),
)
