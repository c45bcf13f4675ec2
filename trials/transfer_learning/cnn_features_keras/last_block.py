"""Only the convolutional part."""
# expect: misconception the last block instead of features
# %% extractor_solution
extractor = keras.Model(pretrained.input, pretrained.get_layer("flatten").output)
