"""The zeros are put around the map."""
# expect: misconception padded afterwards
# %% feature_map_same_solution
feature_map_same = np.pad(feature_map, 1)
