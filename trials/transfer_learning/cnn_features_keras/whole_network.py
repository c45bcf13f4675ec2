"""The whole network."""
# expect: misconception predictions instead of features
# %% extractor_solution
extractor = pretrained
