"""The slide's map, misprint included, is typed in."""
# expect: misconception the slide's map
# %% feature_map_solution
feature_map = np.array(
    [
        [32.5, -105.5, 185.5, 54.0],
        [-105.5, 104.0, 217.5, 31.0],
        [-44.0, 224.0, 38.5, -18.0],
        [-60.5, 213.5, 52.5, 37.5],
    ]
)
activation = relu(feature_map)
pooled = max_pool2d(activation, 2)
