"""Only the convolutional part."""
# expect: misconception the last block instead of features
# %% extractor_solution
extractor = pretrained[:-3]
