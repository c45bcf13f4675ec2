"""49 steps and 50 costs."""
# expect: misconception a step too few
# %% train_solution
weights, biases = np.zeros((2, 3)), np.zeros(3)
losses = [cross_entropy(softmax(dense(X, weights, biases)), Y)]
for _ in range(49):
    weights, biases = step(X, weights, biases, Y, 0.5)
    losses.append(cross_entropy(softmax(dense(X, weights, biases)), Y))
