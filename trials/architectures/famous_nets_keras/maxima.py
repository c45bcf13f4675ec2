"""LeNet-5 with max-pooling."""
# expect: misconception max-pooling
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    return keras.Sequential([
        keras.Input((32, 32, 1)),
        layers.Conv2D(6, 5, activation="tanh"), layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="tanh"), layers.MaxPooling2D(2),
        layers.Conv2D(120, 5, activation="tanh"), layers.Flatten(),
        layers.Dense(84, activation="tanh"), layers.Dense(10),
    ])
