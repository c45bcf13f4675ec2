"""The functional interface; the weights come as initializers; one series with an impulse in its middle."""
# expect: full marks
# %% make_stack_solution
def make_stack(kernels, dilations):
    x = y = keras.Input(shape=(None, 1))
    for k, d in zip(kernels, dilations):
        y = layers.Conv1D(
            filters=1,
            kernel_size=len(k),
            padding="causal",
            dilation_rate=d,
            use_bias=False,
            kernel_initializer=keras.initializers.Constant(np.reshape(k, (len(k), 1, 1))),
        )(y)
    return keras.Model(x, y)

# %% measured_memory_solution
def measured_memory(kernels, dilations):
    n = 2 * receptive_field([(len(k), d) for k, d in zip(kernels, dilations)])
    x = np.zeros((2, n, 1), dtype=np.float32)
    x[1, 3] = 7.0
    before, after = make_stack(kernels, dilations).predict(x, verbose=0)
    return int(max(np.nonzero(before != after)[0])) - 3

