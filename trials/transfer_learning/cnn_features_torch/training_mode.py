"""The network stays in training mode while it looks at pictures."""
# expect: misconception batch statistics
# expect: misconception running statistics moved
# %% features_solution
def extract_features(images):
    with torch.no_grad():
        return extractor(preprocess(images)).numpy()
