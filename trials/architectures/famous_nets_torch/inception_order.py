"""The branches are joined in another order."""
# expect: loses points
# %% inception_solution
def inception(channels, ones, reduced3, threes, reduced5, fives, pooled):
    """An inception module as a model."""
    def c(a, b, k):
        return nn.Sequential(nn.Conv2d(a, b, k, padding="same"), nn.ReLU())

    return Branches(
        nn.Sequential(nn.MaxPool2d(3, 1, 1), c(channels, pooled, 1)), c(channels, ones, 1),
        nn.Sequential(c(channels, reduced3, 1), c(reduced3, threes, 3)), nn.Sequential(c(channels, reduced5, 1), c(reduced5, fives, 5)),
    )
