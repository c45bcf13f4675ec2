"""The branches are joined in another order."""
# expect: loses points
# %% inception_solution
def inception(channels, ones, reduced3, threes, reduced5, fives, pooled):
    """An inception module as a model."""
    x = keras.Input((None, None, channels))

    def c(y, f, k):
        return layers.Conv2D(f, k, padding="same", activation="relu")(y)

    pool_branch = c(layers.MaxPooling2D(3, strides=1, padding="same")(x), pooled, 1)
    return keras.Model(x, layers.Concatenate()([pool_branch, c(x, ones, 1), c(c(x, reduced3, 1), threes, 3), c(c(x, reduced5, 1), fives, 5)]))
