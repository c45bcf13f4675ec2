"""3x3 and 5x5 see everything."""
# expect: misconception no reductions
# %% module_solution
def inception(channels, f1, r3, f3, r5, f5, fp):
    inputs = keras.Input((None, None, channels))

    def convolution(x, filters, size):
        return layers.Conv2D(filters, size, padding="same", activation="relu")(x)

    one = convolution(inputs, f1, 1)
    three = convolution(inputs, f3, 3)
    five = convolution(inputs, f5, 5)
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
    projected = convolution(pooled, fp, 1)
    return keras.Model(inputs, layers.Concatenate()([one, three, five, projected]))
