"""What an exercise, a question and a result are, and the trial in which an answer is judged."""
