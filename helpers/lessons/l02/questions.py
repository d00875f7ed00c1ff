"""The predictions and the quiz of lesson 2."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("1 and 1", "That would be a queue, where one of the two takes the message."),
        right("2 and 1", "Every subscription gets a copy of its own, and each one is counted."),
        wrong("3 and 3", "A reply counts the subscriptions to that channel, not all of them."),
    ),
    prediction(
        wrong("20 comes late, before 35", "20 was published to nobody and kept nowhere."),
        wrong("The confirmation tells him", "It counts his subscriptions, and no messages."),
        right(
            "Nothing tells him",
            "To the broker, the Bob who came back is somebody new. Nothing waited for him.",
        ),
    ),
    prediction(
        wrong("1, she is one person", "The server knows connections, not people."),
        right("2", "It counts matching subscriptions, and Ann holds two."),
        wrong("0, until she has read it", "The server does not know whether anybody reads."),
    ),
)

QUIZ = (
    Question(
        "PUBLISH returned 0 on a single server. What do you know?",
        right("Nobody was subscribed to the channel", "And the message is gone: nothing keeps it."),
        wrong("The message waits for the first subscriber", "A channel stores nothing."),
        wrong("The publish failed", "It succeeded. Publishing to nobody is not an error."),
    ),
    Question(
        "A program subscribes to three channels with one SUBSCRIBE. How many confirmations come?",
        wrong("One", "Each channel is confirmed on its own."),
        wrong("None until a message comes", "The confirmation comes at once."),
        right("Three", "Each with the number of subscriptions that the connection then has."),
    ),
    Question(
        "A subscriber loses its connection for a second, and redis-py reconnects by itself. "
        "What about the messages of that second?",
        wrong(
            "They come late, after the new ones",
            "The server kept nothing for it, so nothing can come.",
        ),
        right("They are lost, and no error says so", "It subscribes again and goes on with a gap."),
        wrong("They come twice", "The broker sends nothing again; only a publisher can."),
    ),
    Question(
        "What does an envelope with a running number give you?",
        wrong("Delivery is guaranteed", "It shows a loss; it does not repair one."),
        right("The receiver notices a gap", "It can then ask for what is missing by other means."),
        wrong("Redis drops duplicates", "Redis does not look into messages."),
    ),
    Question(
        "Production uses database 0 and the test system database 1 of one server. "
        "Both use the channel orders. What happens?",
        right(
            "Each hears the other",
            "Channels ignore database numbers: put the system's name into theirs.",
        ),
        wrong("They are separate", "Keys are. Channels are not."),
        wrong("SUBSCRIBE fails in database 1", "It works in every database, and hears all."),
    ),
)
