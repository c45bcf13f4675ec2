"""Raw pixels of the right size go into the network."""
# expect: misconception not preprocessed
# %% features_solution
def extract_features(images):
    extractor.eval()
    with torch.no_grad():
        return extractor(torch.tensor(backbone.resize(images, side)).permute(0, 3, 1, 2)).numpy()
