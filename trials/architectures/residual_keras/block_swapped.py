"""A slip: convolutions swapped."""
# expect: misconception convolutions swapped
# %% block_solution
def residual_block(kernel1, bias1, kernel2, bias2, projection=None, stride=1):
    x = keras.Input((None, None, kernel1.shape[2]))
    filters = kernel1.shape[3]
    first = layers.Conv2D(filters, 3, strides=stride, padding="same", activation="relu")
    second = layers.Conv2D(filters, 3, padding="same")
    y = second(first(x))
    if kernel1.shape == kernel2.shape:
        kernel1, bias1, kernel2, bias2 = kernel2, bias2, kernel1, bias1
    first.set_weights([kernel1, bias1])
    second.set_weights([kernel2, bias2])
    if projection is None:
        return keras.Model(x, y + x)
    project = layers.Conv2D(filters, 1, strides=stride, use_bias=False)
    y = y + project(x)
    project.set_weights([projection])
    return keras.Model(x, y)
