"""A fully connected network that cannot learn, so that any CNN beats it."""
# expect: loses points
# %% fcn_solution
keras.utils.set_random_seed(seed)
fcn = keras.Sequential([keras.Input((48, 48, 3)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(8, activation="softmax")])
fcn.trainable = False
