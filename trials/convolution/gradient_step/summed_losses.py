"""The losses are sums over the points."""
# expect: misconception sum instead of mean
# %% train_solution
weights, biases = np.zeros((2, 3)), np.zeros(3)
losses = []
for _ in range(50):
    losses.append(cross_entropy(softmax(dense(X, weights, biases)), Y))
    weights, biases = step(X, weights, biases, Y, 0.5)
losses = [60 * loss for loss in losses]
