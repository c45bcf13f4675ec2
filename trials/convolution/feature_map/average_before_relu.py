"""The mean of each window of the map before the ReLU."""
# expect: misconception average pooling before the ReLU
# %% feature_map_solution
feature_map = conv2d(IMAGE, KERNEL)
activation = relu(feature_map)
pooled = feature_map.reshape(2, 2, 2, 2).mean(axis=(1, 3))
