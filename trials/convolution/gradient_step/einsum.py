"""einsum, where= and in-place arithmetic on copies; the losses as an array."""
# expect: full marks
# %% dense_solution
def dense(x, w, b):
    return np.einsum("ni,ik->nk", x, w) + b[None]
# %% softmax_solution
def softmax(z):
    z = z.astype(np.float64)
    z -= z.max(axis=-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=-1, keepdims=True)
    return z
# %% cross_entropy_solution
def cross_entropy(p, y):
    logs = np.log(p, out=np.zeros_like(p), where=y > 0)
    return -(y * logs).sum() / p.shape[0]
# %% gradients_solution
def gradients(x, w, b, y):
    d = (softmax(dense(x, w, b)) - y) / y.shape[0]
    return np.einsum("ni,nk->ik", x, d), np.einsum("nk->k", d)
# %% step_solution
def step(x, w, b, y, rate):
    return tuple(old - rate * slope for old, slope in zip((w, b), gradients(x, w, b, y)))
# %% train_solution
losses = np.empty(50)
weights, biases = np.zeros((2, 3)), np.zeros(3)
for t in range(50):
    losses[t] = cross_entropy(softmax(dense(X, weights, biases)), Y)
    weights, biases = step(X, weights, biases, Y, 1 / 2)
