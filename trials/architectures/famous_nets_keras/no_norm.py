"""No batch normalization."""
# expect: misconception no batch normalization
# %% resnet_bottleneck_solution
def resnet_bottleneck(channels, middle):
    """A bottleneck block of ResNet-50 as a model."""
    inputs = x = keras.Input((None, None, channels))
    for i, (f, k) in enumerate([(middle, 1), (middle, 3), (channels, 1)]):
        x = layers.Conv2D(f, k, padding="same", use_bias=False)(x)
        pass
        if i < 2:
            x = layers.ReLU()(x)
    return keras.Model(inputs, layers.ReLU()(layers.Add()([inputs, x])))
