"""Series by series in a loop, starts between 0 and 2 pi as in the lecture; German comments."""
# expect: full marks
# %% gen_data_solution
def gen_data(size, noise, seed):
    zufall = np.random.default_rng(seed)
    X, Y = [], []
    for _ in range(size):
        s = zufall.uniform(0, 2 * np.pi)  # Anfang der Reihe
        reihe = np.sin(s + np.linspace(0, 20 * np.pi, steps)) * np.sin(s + np.linspace(0, np.pi, steps))
        reihe += noise * zufall.standard_normal(steps)
        X.append(reihe[:seen])
        Y.append(reihe[seen:])
    return np.array(X, dtype=np.float32)[:, None, :], np.array(Y, dtype=np.float32)[:, None, :]

# %% measures_solution
def baseline(X):
    letzte = X.shape[2]
    return np.take(X, range(letzte - 10, letzte), axis=2)


def mse(forecast, truth):
    fehler = np.asarray(forecast, dtype=np.float64).ravel() - np.asarray(truth).ravel()
    return float(fehler @ fehler / fehler.size)

# %% experiment_solution
X_train, Y_train = gen_data(256, 0.1, seed)
X_test, Y_test = gen_data(1000, 0.1, seed + 1)
losses = {"baseline": mse(baseline(X_test), Y_test)}
for name, netz in (("plain", plain), ("dilated", dilated)):
    train(netz, X_train, Y_train)
    losses[name] = mse(forecast(netz, X_test), Y_test)

