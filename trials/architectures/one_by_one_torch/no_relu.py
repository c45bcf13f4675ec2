"""The first ReLU is missing."""
# expect: misconception no ReLU in between
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, filters, kernel_size, padding="same"), nn.ReLU()
    )
