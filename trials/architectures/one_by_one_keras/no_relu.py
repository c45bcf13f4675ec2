"""The first ReLU is missing."""
# expect: misconception no ReLU in between
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    return keras.Sequential([
        keras.Input((None, None, channels)),
        layers.Conv2D(reduced, 1),
        layers.Conv2D(filters, kernel_size, padding="same", activation="relu"),
    ])
