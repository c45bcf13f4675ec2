"""Dropout before batch norm."""
# expect: misconception dropout before batch normalization
# %% model_solution
def make_model():
    model = keras.Sequential([keras.Input((784,))])
    for units in (500, 50):
        model.add(layers.Dense(units))
        model.add(layers.Dropout(0.3))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
    model.add(layers.Dense(10))
    model.add(layers.Activation("softmax"))
    return model
