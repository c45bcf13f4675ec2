"""As in a well-known notebook: the networks are tested at different noise."""
# expect: misconception tested without noise
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}
X_test, Y_test = gen_data(n_test, 0.0, seed + 1)
losses["plain"] = mse(forecast(plain, X_test), Y_test)

