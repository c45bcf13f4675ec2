"""Lists of layers; strides for pooling, ELU for ReLU, a Rescaling layer does the scaling."""
# expect: full marks
# %% prepare_solution
scale = layers.Rescaling(1 / 127.5, offset=-1.0)


def prepare(images):
    return np.array(scale(np.asarray(images, np.float32)))

# %% fcn_solution
keras.utils.set_random_seed(seed)
fcn = keras.Sequential([
    layers.Input((48, 48, 3)),
    layers.Reshape((48 * 48 * 3,)),
    layers.Dense(80, activation="elu"),
    layers.Dropout(0.1),
    layers.Dense(8),
    layers.Activation("softmax"),
])

# %% cnn_solution
keras.utils.set_random_seed(seed)
cnn = keras.Sequential([
    layers.Input((48, 48, 3)),
    layers.Conv2D(16, 5, strides=2, padding="same"), layers.BatchNormalization(momentum=0.9), layers.ELU(),
    layers.Conv2D(24, 3, padding="same"), layers.BatchNormalization(momentum=0.9), layers.ELU(),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, strides=2, padding="same"), layers.BatchNormalization(momentum=0.9), layers.ELU(),
    layers.Flatten(),
    layers.Dense(40, activation="elu"),
    layers.Dense(8, activation="softmax"),
])
