"""A small dense network as the classifier; the last layer replaced by one that does nothing."""
# expect: full marks
# %% extractor_solution
import copy

extractor = copy.deepcopy(pretrained)
extractor.predictions = nn.Identity()
extractor.eval()

# %% features_solution
def extract_features(images):
    with torch.inference_mode():
        return extractor(preprocess(images)).numpy().astype("float32")

# %% classifier_solution
torch.manual_seed(seed)
features = torch.tensor(load_features("features_train.npy"))
mean, std = features.mean(dim=0), features.std(dim=0) + 1e-6
classifier = nn.Linear(96, 8)
optimizer = torch.optim.Adam(classifier.parameters(), 0.01)
for _ in range(200):
    optimizer.zero_grad()
    nn.functional.cross_entropy(classifier((features - mean) / std), torch.tensor(y_train)).backward()
    optimizer.step()


def recognise(images):
    with torch.no_grad():
        return classifier((torch.tensor(extract_features(images)) - mean) / std).argmax(dim=1)
