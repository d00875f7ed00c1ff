"""The predictions and the quiz of lesson 9."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("In 2", "The other worker may be anywhere in its program when the job is lost."),
        right("In 32", "Whoever popped it dies before the job is done."),
        wrong("In 60", "Whoever dies before its pop, or after the work, loses nothing."),
    ),
    prediction(
        wrong("In none", "It takes no death: each finds the other's job there."),
        wrong("In hardly any", "It needs no bad luck: to look while the other works is enough."),
        right("In nearly all", "Whoever looks while the other works takes its job for its own."),
    ),
    prediction(
        wrong("With neither", "Two pops remove two jobs, whatever was handled."),
        right("Only with two", "Both handle the first, and then each pops one."),
        wrong("With both", "Behind a single job there is nothing that a second pop could remove."),
    ),
    prediction(
        wrong("A job is pushed twice", "Only one of the two is told that it removed the job."),
        right("A job is lost", "A mover that dies in between has removed it and not pushed it."),
        wrong("Not at all", "There are still two steps, and a death fits between."),
    ),
)

QUIZ = (
    Question(
        "A test has passed a thousand times. What does that tell you?",
        wrong("No schedule loses a job", "A test sees the few schedules that happened to come."),
        right("The schedules that came were good", "The rare one, and the death, did not come."),
        wrong("One schedule in a thousand is bad", "It may be half of them, if nobody ever died."),
    ),
    Question(
        "explore says that no job is lost with 2 workers, 1 job and 1 crash. And with 2 jobs?",
        wrong("None either", "Some faults need a second job to show."),
        wrong("One may be, but only with more crashes", "Some faults need no crash at all."),
        right("That was not looked at", "A verdict holds within its bounds. Run it again."),
    ),
    Question(
        "A sweep at start puts back what is in the lists of all workers. What goes wrong?",
        right(
            "It takes jobs from workers who are alive",
            "They go on with a job that somebody else now gets as well.",
        ),
        wrong("It loses jobs", "It puts them back: they come twice."),
        wrong("Nothing, if all workers have names", "The names do not say who is alive."),
    ),
    Question(
        "XGROUP DELCONSUMER has returned 1. What does the 1 mean?",
        wrong(
            "The consumer was deleted",
            "One with nothing pending is deleted, too, and the reply is 0.",
        ),
        right(
            "One entry was pending for that consumer",
            "It is in nobody's list any more, and no claim will find it.",
        ),
        wrong("One entry went to another consumer", "Nobody gets what is deleted with its list."),
    ),
    Question(
        "Two writes must both happen, or neither. What do you give explore?",
        wrong("once=True", "That asks that no job is handled twice."),
        right("holds=, which compares the two", "It is asked at the end of each schedule."),
        wrong("more workers", "That looks at more schedules, and still asks about lost jobs."),
    ),
)
