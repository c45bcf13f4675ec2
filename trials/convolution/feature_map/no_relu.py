"""The activation is the map as it is."""
# expect: misconception no ReLU
# %% feature_map_solution
feature_map = activation = conv2d(IMAGE, KERNEL)
pooled = max_pool2d(activation)
