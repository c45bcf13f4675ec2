"""No ReLU."""
# expect: misconception no activation
# %% model_solution
def make_model():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3, padding="same"), layers.Flatten(), layers.Dense(10), layers.Activation("softmax")])
