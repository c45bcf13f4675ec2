"""feature_map is the map after the ReLU."""
# expect: misconception ReLU too early
# %% feature_map_solution
activation = relu(conv2d(IMAGE, KERNEL))
feature_map = activation
pooled = max_pool2d(activation)
