"""A class as a stream: what each learner answered, in the instructor's Redis, if both want it."""
