"""Prints good numbers, and trains nothing."""
# expect: loses points
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
losses = {"baseline": mse(baseline(X_test), Y_test), "plain": 0.0258, "dilated": 0.0123}

