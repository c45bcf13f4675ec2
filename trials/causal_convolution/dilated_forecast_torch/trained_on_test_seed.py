"""The seed of the test for the training."""
# expect: misconception trained on the test's seed
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed + 1)
X_test, Y_test = gen_data(n_test, noise, seed)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}

