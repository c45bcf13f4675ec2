"""Line by line as in the deck; axis written out by hand."""
# expect: full marks
# %% model_solution
def make_model():
    m = keras.models.Sequential()
    m.add(keras.layers.InputLayer(shape=(28, 28, 1)))
    m.add(keras.layers.Convolution2D(32, (3, 3), padding="same"))
    m.add(keras.layers.ReLU())
    m.add(keras.layers.Flatten())
    m.add(keras.layers.Dense(10))
    m.add(keras.layers.Softmax())
    return m

# %% standardize_solution
x_mean = np.mean(x_train, axis=0)
x_std = np.std(x_train, axis=0)


def standardize(images):
    z = (images - x_mean) / (x_std + 0.0001)
    return np.float32(np.expand_dims(z, -1))
