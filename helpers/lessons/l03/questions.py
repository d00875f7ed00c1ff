"""The predictions and the quiz of lesson 3."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("Both", "Without the backslash, the asterisk would stand for anything."),
        wrong("Only what goes to mail-1", "Here the asterisk stands for nothing but itself."),
        right("Only what goes to mail-*", "The backslash takes away the asterisk's meaning."),
        wrong("Nothing", "The backslash is no part of the name that is looked for."),
    ),
    prediction(
        right("2, and two", "One delivery for each subscription that matches."),
        wrong("1, and one", "Redis does not ask whether two matches belong to one client."),
        wrong("2, and one", "What is counted is also sent."),
    ),
    prediction(
        wrong("70", "That would be right if the message had come once."),
        wrong("100, an error stops it", "There is no error anywhere."),
        right("40", "Both deliveries are charged."),
    ),
)

QUIZ = (
    Question(
        "Which channel does the pattern mail-? catch?",
        wrong("mail-", "? stands for exactly one byte, not for none."),
        right("mail-7", "One byte, whichever it is. The letter é would be two."),
        wrong("mail-20", "Those are two bytes."),
    ),
    Question(
        "One client: SUBSCRIBE news, and PSUBSCRIBE n* and *s. What does a publish to news return?",
        wrong("1", "It counts matches, not clients."),
        wrong("2", "Each of the two patterns counts."),
        right("3", "The channel and two patterns: three matches, three deliveries."),
    ),
    Question(
        "The same client subscribes to the same channel twice. What happens when somebody "
        "publishes?",
        right("One delivery", "A table holds each entry once."),
        wrong("Two deliveries", "Only different subscriptions add up."),
        wrong("The second SUBSCRIBE fails", "It is confirmed, and the count stays."),
    ),
    Question(
        "Which cure for duplicates also works when a publisher sends again?",
        wrong(
            "Ignore the pattern's copy", "What is sent again is a message of its own, not a copy."
        ),
        wrong("A single form of subscription", "Each publish then arrives once, but both arrive."),
        right("A handler that remembers ids", "It does not matter why a payment comes twice."),
    ),
    Question(
        "What do 5,000 patterns that never match cost?",
        wrong("Nothing", "Each publish tries every pattern."),
        right(
            "Every publish takes longer", "A channel is looked up, patterns are tried one by one."
        ),
        wrong("A little memory and no time", "Time as well, and everybody who publishes pays it."),
    ),
)
