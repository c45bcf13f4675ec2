"""A ReLU after each layer, as usual."""
# expect: misconception activation between the layers
# %% make_stack_solution
def make_stack(kernels, dilations):
    model = keras.Sequential([keras.Input((None, 1))])
    for kernel, dilation in zip(kernels, dilations):
        layer = layers.Conv1D(1, len(kernel), padding='causal', dilation_rate=dilation, use_bias=False, activation='relu')
        model.add(layer)
        layer.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return model

