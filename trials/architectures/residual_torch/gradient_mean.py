"""A slip: mean over the outputs."""
# expect: misconception mean over the outputs
# %% gradient_solution
def first_gradient(weights, x, residual):
    parameters = [torch.tensor(w, requires_grad=True) for w in weights]
    h = torch.tensor(x)
    for w in parameters:
        step = torch.tanh(h @ w)
        h = h + step if residual else step
    h.mean().backward()
    return parameters[0].grad.numpy()


def gradient_norms(weights, x):
    plain = np.linalg.norm(first_gradient(weights, x, False))
    return float(plain), float(np.linalg.norm(first_gradient(weights, x, True)))
