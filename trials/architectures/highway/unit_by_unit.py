"""Mit Schleifen, Einheit für Einheit."""
# expect: full marks
# %% y_by_hand_solution
x, h, t = (2, -1, 4), (0.5, 1, -1), (0.25, 1, 0)
y_by_hand = [h[i] * t[i] + x[i] * (1 - t[i]) for i in range(3)]
# %% highway_solution
import math


def sigmoid(z):
    # ohne Ueberlauf
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


def einheit(x, i, w_h, b_h, w_t, b_t):
    a = b_h[i]
    b = b_t[i]
    for j in range(len(x)):
        a += x[j] * w_h[j, i]
        b += x[j] * w_t[j, i]
    return math.tanh(a), sigmoid(b)


def highway(x, w_h, b_h, w_t, b_t):
    y = np.empty(x.shape)
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            h, t = einheit(x[n], i, w_h, b_h, w_t, b_t)
            y[n, i] = h * t + x[n, i] * (1 - t)
    return y
# %% jacobian_solution
def jacobian(x, w_h, b_h, w_t, b_t):
    n = len(x)
    J = np.zeros((n, n))
    for i in range(n):
        h, t = einheit(x, i, w_h, b_h, w_t, b_t)
        for j in range(n):
            dh = (1 - h * h) * w_h[j][i]
            dt = t * (1 - t) * w_t[j][i]
            J[i, j] = dh * t + h * dt - x[i] * dt
        J[i, i] += 1 - t
    return J
# %% gate_bias_solution
def gate_bias(carried):
    return -math.log(carried / (1 - carried))
