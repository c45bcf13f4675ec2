"""Loops over examples, classes and inputs; math instead of NumPy."""
# expect: full marks
# %% dense_solution
import math


def dense(x, w, b):
    z = np.zeros((len(x), len(b)))
    for n in range(len(x)):
        for k in range(len(b)):
            z[n, k] = b[k]
            for i in range(len(w)):
                z[n, k] += x[n, i] * w[i, k]
    return z
# %% softmax_solution
def softmax(z):
    rows = []
    for row in z:
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)
# %% cross_entropy_solution
def cross_entropy(p, y):
    cost = 0
    for n in range(len(p)):
        for k in range(len(p[n])):
            if y[n][k] == 1:
                cost -= math.log(p[n][k])
    return cost / len(p)
# %% gradients_solution
def gradients(x, w, b, y):
    p = softmax(dense(x, w, b))
    dw, db = np.zeros(w.shape), np.zeros(b.shape)
    for n in range(len(x)):
        for k in range(len(b)):
            db[k] += (p[n, k] - y[n, k]) / len(x)
            for i in range(len(w)):
                dw[i, k] += x[n, i] * (p[n, k] - y[n, k]) / len(x)
    return dw, db
# %% step_solution
def step(x, w, b, y, rate):
    dw, db = gradients(x, w, b, y)
    w, b = w.copy(), b.copy()
    w -= rate * dw
    b -= rate * db
    return [w, b]
