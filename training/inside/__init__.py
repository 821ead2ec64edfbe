"""What goes on inside a model that is about to be wrong: states, neurons, probabilities, samples.

Needs the extra `train`.
"""
