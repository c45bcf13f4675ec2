"""The border pixels are repeated instead of zeros."""
# expect: misconception border pixels repeated
# %% feature_map_same_solution
feature_map_same = conv2d(np.pad(IMAGE, 1, mode="edge"), KERNEL)
