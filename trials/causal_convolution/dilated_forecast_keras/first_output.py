"""Takes the first output for a forecast of one step."""
# expect: misconception first output as one step
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test)[:, :1], Y_test[:, :1]),
    "dilated": mse(forecast(dilated, X_test)[:, :1], Y_test[:, :1]),
}

