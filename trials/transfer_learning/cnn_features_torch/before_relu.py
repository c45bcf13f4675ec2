"""Up to the dense layer, without its activation."""
# expect: misconception before the ReLU
# %% extractor_solution
extractor = pretrained[:-2]
