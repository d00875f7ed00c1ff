"""The predictions and the quiz of lesson 11."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("All three", "Celery had acknowledged order-3 already, and 4 and 5 were taken too."),
        wrong("4 and 5", "They were with the dead worker, too: it takes jobs in advance."),
        right("None", "3 is lost, and 4 and 5 come back only after an hour."),
    ),
    prediction(
        wrong("It was run again", "RQ runs it again only if you asked for retries."),
        wrong("Nobody knows of it now", "It stands in a registry of what runs, which is swept."),
        right("It counts as failed", "It was written off, and waits in the registry of failures."),
    ),
    prediction(
        wrong("At once", "It is pending for the dead worker, and nobody else is given it."),
        wrong("After ten minutes", "Its lease is over then, but nobody looks."),
        right("With the next order", "The worker claims only after a read that brought something."),
    ),
    prediction(
        wrong("Only order 3", "Celery had acknowledged it before the work."),
        right("Orders 4 and 5", "They were taken in advance, and a lease covers that, too."),
        wrong("None", "Nothing renews the lease of what waits behind a long job."),
    ),
)

QUIZ = (
    Question(
        "A Celery worker acknowledges late, and a job takes two hours. What happens?",
        wrong("It runs once: its worker is alive", "Nothing tells the broker that it is."),
        right(
            "Another worker begins it after an hour, too",
            "The visibility timeout is an hour, and counts from when the job was taken.",
        ),
        wrong("It is stopped after an hour", "Nothing stops it, so it runs in two places."),
    ),
    Question(
        "RQ should rerun a job whose worker was killed. What do you set?",
        wrong("A longer job timeout", "It says how long a living worker may take."),
        wrong("Nothing", "What was abandoned counts as failed, and is not run again."),
        right(
            "Retry, when the job is sent",
            "What was abandoned is run again as long as it has retries left.",
        ),
    ),
    Question(
        "A library takes jobs by BRPOP, and writes no copy. Which setting makes that safe?",
        right("None", "With the reply the broker has forgotten it: nothing can be acknowledged."),
        wrong("To acknowledge late", "There is nothing left in the broker to acknowledge."),
        wrong("A longer lease", "There is no lease: nobody knows that it was taken."),
    ),
    Question(
        "A Dramatiq worker died a minute ago, and its heartbeat is too old. When do its jobs come "
        "back?",
        wrong("At once", "Somebody must look first, and most commands do not."),
        right(
            "At some command of another worker, by chance",
            "One in a thousand looks for dead workers, by default.",
        ),
        wrong(
            "When it is started again", "It comes back under another name, and asks for new ones."
        ),
    ),
    Question(
        "Which of the measured settings lose no order and pack none twice, in all five faults?",
        wrong("Those that acknowledge late", "Killed after the effect, they pack it again."),
        wrong("Those with a heartbeat", "It ends with the worker, whatever it had packed."),
        right("None", "Effect and acknowledgement are two steps: a death fits between."),
    ),
)
