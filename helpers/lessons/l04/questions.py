"""The predictions and the quiz of lesson 4."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong(
            "Ann",
            "It does not matter who was served before: she waits second, and gets the second.",
        ),
        wrong("Nobody can know", "Whoever began to wait first is served first."),
        right("Carol", "First come, first served: order-4, order-5 and order-6 in turn."),
    ),
    prediction(
        right("Nowhere", "BLPOP removed it when it handed it over. Only Bob's memory had it."),
        wrong("Back in the queue", "Redis does not know that Bob is dead, nor what he held."),
        wrong("In a list of Bob's", "A pop keeps no record. BLMOVE would have made one."),
    ),
    prediction(
        wrong("The order, once", "The first push had worked; only its reply was lost."),
        right("The order, twice", "The client could not know, and pushed again."),
        wrong("Nothing", "The command had reached the broker before the reply was lost."),
    ),
    prediction(
        wrong("order-11, and order-12 is left", "The first BLPOP had already removed order-11."),
        wrong("An error, and both are left", "The retry works, and each BLPOP removes one."),
        right("order-12, and nothing is left", "order-11 went with the reply that was lost."),
    ),
)

QUIZ = (
    Question(
        "The last element of a list is popped. What does EXISTS answer for its key?",
        wrong("1, the list is empty", "There are no empty lists in Redis."),
        right("0", "A list is deleted with its last element, and created again by the next push."),
        wrong("An error", "EXISTS never fails for a missing key: it counts."),
    ),
    Question(
        "Three clients wait in BLPOP on one key, and one element is pushed. Who gets it?",
        wrong("All three", "That would be pub/sub, or readers of a stream."),
        wrong("Whoever is fastest", "Speed decides nothing: they are served in turn."),
        right("Whoever has waited longest", "And the two others go on waiting."),
    ),
    Question(
        "A worker takes jobs with BLPOP and dies now and then. Which guarantee do you have?",
        right("At most once", "What it held when it died is gone; no job is handed out twice."),
        wrong("At least once", "For that a job must stay on record until it is done."),
        wrong("Exactly once", "A crash between taking and doing loses the job."),
    ),
    Question(
        "BLMOVE and a sweep: when is a job handled twice?",
        wrong("Never", "The sweep cannot tell a slow worker from a dead one."),
        right("When it was done and not yet removed", "Or when the sweep came too early."),
        wrong("When two workers wait on the same key", "Each element goes to one of them."),
    ),
    Question(
        "redis-py 8 with its defaults (socket_timeout=5) calls BLPOP with a timeout of 600. "
        "The queue stays empty. What happens?",
        right("It fails after about a minute", "Eleven tries, each cut off after 5 seconds."),
        wrong("It fails after 5 seconds", "That is one try. By default ten more follow."),
        wrong("It waits for 600 seconds", "The server would; the client gives up earlier."),
    ),
)
