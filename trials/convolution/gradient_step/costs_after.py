"""The cost is taken after each step."""
# expect: misconception the cost after each step
# %% train_solution
weights, biases = np.zeros((2, 3)), np.zeros(3)
losses = []
for _ in range(50):
    weights, biases = step(X, weights, biases, Y, 0.5)
    losses.append(cross_entropy(softmax(dense(X, weights, biases)), Y))
