"""The map of the slide is typed in, misprint included."""
# expect: misconception the slide's map
# %% deck_maps_solution
feature_map = [[32.5, -105.5, 185.5, 54], [-105.5, 104, 217.5, 31], [-44, 224, 38.5, -18], [-60.5, 213.5, 52.5, 37.5]]
feature_map_same = np.pad(feature_map, 1)
