"""No softmax."""
# expect: misconception no softmax
# %% model_solution
def make_model():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3, padding="same"), layers.Activation("relu"), layers.Flatten(), layers.Dense(10)])
