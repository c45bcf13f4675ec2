"""The networks give logits, and the loss wants probabilities."""
# expect: misconception no softmax
# %% fcn_solution
keras.utils.set_random_seed(seed)
fcn = keras.Sequential([keras.Input((48, 48, 3)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(8)])
