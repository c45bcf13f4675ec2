"""Both networks have the same dilations."""
# expect: loses points
# %% make_model_solution
filters = 32


def make_model(kernel_size, dilations):
    model = keras.Sequential([keras.Input((None, 1))])
    for dilation in dilations:
        model.add(layers.Conv1D(filters, kernel_size, padding='causal', dilation_rate=dilation))
    model.add(layers.Dense(1))
    model.add(layers.Lambda(lambda y: y[:, -look_ahead:]))
    return model


keras.utils.set_random_seed(seed)
plain = make_model(5, [1, 1, 1, 1])
dilated = make_model(5, [1, 1, 1, 1])

