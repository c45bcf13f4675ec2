"""Weights only."""
# expect: misconception no biases
# %% counting_solution
def count_inception(channels, f1, r3, f3, r5, f5, fp):
    return channels * (f1 + r3 + r5 + fp) + 9 * r3 * f3 + 25 * r5 * f5, f1 + f3 + f5 + fp


def count_naive(channels, f1, f3, f5):
    return channels * (f1 + 9 * f3 + 25 * f5), f1 + f3 + f5 + channels
