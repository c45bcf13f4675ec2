"""Up to the dense layer, without its activation."""
# expect: misconception before the ReLU
# %% extractor_solution
extractor = keras.Model(pretrained.input, pretrained.get_layer("features").output)
