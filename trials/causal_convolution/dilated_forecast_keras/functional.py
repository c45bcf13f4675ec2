"""The functional interface, a convolution of size 1 as dense layer, slicing without Lambda; float64 series."""
# expect: full marks
# %% make_model_solution
filters = 32


def make_model(kernel_size, dilations):
    inputs = keras.Input(shape=(None, 1))
    x = inputs
    for d in dilations:
        x = layers.Conv1D(filters=filters, kernel_size=kernel_size, dilation_rate=d, padding="causal")(x)
    x = layers.Conv1D(1, 1)(x)
    return keras.Model(inputs, x[:, -10:, :])


plain, dilated = (make_model(kernel_size=5, dilations=d) for d in ([1] * 4, [2**i for i in range(4)]))

# %% measures_solution
def baseline(X):
    return X[:, X.shape[1] - look_ahead :, :].copy()


def mse(forecast, truth):
    return keras.losses.MeanSquaredError()(truth, forecast).numpy().item()

