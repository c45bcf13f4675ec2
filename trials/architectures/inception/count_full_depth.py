"""The large kernels get all channels."""
# expect: misconception large kernels at full depth
# %% counting_solution
def count_inception(channels, f1, r3, f3, r5, f5, fp):
    one = channels * f1 + f1
    three = channels * r3 + r3 + 9 * channels * f3 + f3
    five = channels * r5 + r5 + 25 * channels * f5 + f5
    projected = channels * fp + fp
    return one + three + five + projected, f1 + f3 + f5 + fp


def count_naive(channels, f1, f3, f5):
    parameters = channels * f1 + f1 + 9 * channels * f3 + f3 + 25 * channels * f5 + f5
    return parameters, f1 + f3 + f5 + channels
