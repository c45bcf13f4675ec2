"""As in a well-known notebook: the dilated network is trained without noise."""
# expect: misconception trained without noise
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
X_train, Y_train = gen_data(n_train, 0.0, seed)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}

