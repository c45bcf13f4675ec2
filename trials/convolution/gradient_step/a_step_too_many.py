"""51 steps, the first 50 costs."""
# expect: misconception a step too many
# %% train_solution
weights, biases = np.zeros((2, 3)), np.zeros(3)
losses = []
for _ in range(51):
    losses.append(cross_entropy(softmax(dense(X, weights, biases)), Y))
    weights, biases = step(X, weights, biases, Y, 0.5)
losses = losses[:50]
