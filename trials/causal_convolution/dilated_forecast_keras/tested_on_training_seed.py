"""The same seed for both."""
# expect: misconception tested on the training's seed
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}

