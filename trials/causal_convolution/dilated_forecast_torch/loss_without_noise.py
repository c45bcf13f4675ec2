"""One of the losses is measured without noise."""
# expect: misconception loss without noise
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
X_clean, Y_clean = gen_data(n_test, 0.0, seed + 1)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_clean), Y_clean),
}

