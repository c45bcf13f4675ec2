"""The maps of the text are typed in, and the count of the example."""
# expect: loses points
# %% deck_maps_solution
feature_map = np.zeros((4, 4)); feature_map[0, 0] = 32.5
feature_map_same = np.zeros((6, 6)); feature_map_same[0, 0] = 129.5
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    return 320
