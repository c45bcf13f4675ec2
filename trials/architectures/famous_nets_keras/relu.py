"""LeNet-5 with ReLUs."""
# expect: misconception ReLU instead of tanh
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    return keras.Sequential([
        keras.Input((32, 32, 1)),
        layers.Conv2D(6, 5, activation="relu"), layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="relu"), layers.AveragePooling2D(2),
        layers.Conv2D(120, 5, activation="relu"), layers.Flatten(),
        layers.Dense(84, activation="relu"), layers.Dense(10),
    ])
