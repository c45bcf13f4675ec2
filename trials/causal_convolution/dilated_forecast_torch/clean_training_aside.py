"""The dilated network learns without noise, behind the back of X_train."""
# expect: misconception trained without noise
# %% experiment_solution
X_train, Y_train = gen_data(n_train, noise, seed)
X_test, Y_test = gen_data(n_test, noise, seed + 1)
train(plain, X_train, Y_train)
train(dilated, *gen_data(n_train, 0.0, seed))
losses = {
    "baseline": mse(baseline(X_test), Y_test),
    "plain": mse(forecast(plain, X_test), Y_test),
    "dilated": mse(forecast(dilated, X_test), Y_test),
}

