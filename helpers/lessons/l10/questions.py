"""The predictions and the quiz of lesson 10."""

from ...exercises.question import prediction, right, wrong

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
        right("It works, and takes an entry with it", "What a group notes down, WATCH does not see."),
        wrong("It works, and nothing is lost", "DELCONSUMER answers that an entry went with it."),
    ),
)

QUIZ = ()
