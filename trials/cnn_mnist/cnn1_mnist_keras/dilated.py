"""The same shapes and counts, another convolution."""
# expect: loses points
# %% model_solution
def make_model():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3, padding="same", dilation_rate=2), layers.Activation("relu"), layers.Flatten(), layers.Dense(10), layers.Activation("softmax")])
