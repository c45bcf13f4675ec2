"""Every number is counted, one by one."""
# expect: full marks
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    n = 0
    for f in range(filters):
        for c in range(channels):
            n += height * width
        n += 1  # sein Bias
    return float(n)
