"""The network runs as in training while it looks at pictures."""
# expect: misconception batch statistics
# expect: misconception running statistics moved
# %% features_solution
def extract_features(images):
    return np.asarray(extractor(preprocess(images), training=True))
