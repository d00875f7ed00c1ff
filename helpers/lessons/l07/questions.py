"""The predictions and the quiz of lesson 7."""

from ...exercises.question import Question, prediction, right, wrong

PREDICTIONS = (
    prediction(
        wrong("It passes the command on to A", "Nodes do not pass commands on to each other."),
        right("It refuses, and names A", "The client has to go there itself."),
        wrong("It stores a copy", "A key lives on one node."),
    ),
    prediction(
        wrong("1, and yes", "The reply counts only the subscriptions on B itself."),
        wrong("0, and no", "B passes each message on to all nodes."),
        right("0, and yes", "The count is local; the delivery is not."),
    ),
    prediction(
        wrong("None", "B does not know that nobody listens."),
        wrong("100", "There are two other nodes."),
        right("200", "Each message goes to the two others, heard or not."),
    ),
)

QUIZ = (
    Question(
        "On which node must a subscriber of a plain channel be?",
        right("On any", "Every message reaches every node."),
        wrong("On the publisher's", "The bus carries every message to every node."),
        wrong("On the node of the channel's slot", "That holds for sharded channels."),
    ),
    Question(
        "A cluster grows from 3 nodes to 12. What does one publish cost on the bus?",
        wrong("Less, because the work is shared", "Every node handles every message."),
        right("11 messages instead of 2", "N - 1, whoever listens."),
        wrong("The same", "A publish goes to each further node as well."),
    ),
    Question(
        "What does SPUBLISH give up?",
        wrong("Speed", "It saves work: nothing crosses to other shards."),
        wrong("The reply", "It counts the listeners of the node that you ask, as with PUBLISH."),
        right("Patterns", "And contact with plain SUBSCRIBE."),
    ),
    Question(
        "In a cluster, BLPOP urgent normal fails with CROSSSLOT. What helps?",
        wrong("Asking the node of the other slot", "Even a node that has both slots refuses."),
        right("{jobs}:urgent and {jobs}:normal", "Only the part in braces decides the slot."),
        wrong("A longer timeout", "It is refused at once."),
    ),
    Question(
        "Does one busy stream become faster in a larger cluster?",
        wrong("Yes, because its entries are spread", "A stream is one key, on one node."),
        wrong("Yes, with hash tags", "Hash tags bring keys together. They split nothing."),
        right("No", "Split it by hand: one stream per region or customer."),
    ),
)
