"""The examples of the text are looked up, the training is made up."""
# expect: loses points
# %% dense_solution
def dense(x, w, b):
    return np.array([[5.0, 2.0, 9.0]])
# %% softmax_solution
def softmax(z):
    return np.array([[1 / 6, 1 / 3, 1 / 2]])
# %% cross_entropy_solution
def cross_entropy(p, y):
    return 2 * np.log(2)
# %% gradients_solution
def gradients(x, w, b, y):
    return np.array([[-0.5, 0.5], [-1, 1]]), np.array([-0.5, 0.5])
# %% step_solution
def step(x, w, b, y, rate):
    return np.array([[0.05, -0.05], [0.1, -0.1]]), np.array([0.05, -0.05])
# %% train_solution
losses = np.log(3) * np.exp(-np.arange(50) / 10)
weights, biases = np.zeros((2, 3)), np.zeros(3)
