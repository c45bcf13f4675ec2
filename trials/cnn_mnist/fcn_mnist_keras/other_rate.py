"""A dropout rate of 0.5."""
# expect: loses points
# %% model_solution
def make_model():
    return keras.Sequential([keras.Input((784,)), layers.Dense(500), layers.BatchNormalization(), layers.Dropout(0.5),
                             layers.Activation("relu"), layers.Dense(50), layers.BatchNormalization(),
                             layers.Dropout(0.5), layers.Activation("relu"), layers.Dense(10, activation="softmax")])
