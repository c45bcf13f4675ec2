"""Compares forecasts of ten steps with a baseline of one step."""
# expect: misconception forecast of one step
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
train(dilated, X_train, Y_train)
losses = {
    "baseline": mse(X_test[:, :, -1:], Y_test[:, :, :1]),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}

