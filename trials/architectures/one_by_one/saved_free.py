"""The 1x1 convolution is taken to be free."""
# expect: misconception 1x1 for nothing
# %% saved_parameters_solution
def conv_parameters(channels, filters, kernel_size, bias=True):
    """The parameters of one convolution of kernel_size x kernel_size."""
    return kernel_size**2 * channels * filters + (filters if bias else 0)


def saved_parameters(channels, reduced, filters, kernel_size):
    """How many parameters a 1x1 convolution to `reduced` channels saves, if it comes first."""
    direct = conv_parameters(channels, filters, kernel_size)
    reducing = conv_parameters(channels, reduced, 1)
    remaining = conv_parameters(reduced, filters, kernel_size)
    return direct - remaining
