"""Raw pixels of the right size go into the network."""
# expect: misconception not preprocessed
# %% features_solution
def extract_features(images):
    return extractor.predict(backbone.resize(images, side), verbose=0)
