"""The framework's own preprocessing; a support vector machine."""
# expect: full marks
# %% preprocess_solution
def preprocess(images):
    resized = np.array(backbone.resize(images, side))
    return keras.applications.vgg16.preprocess_input(resized)

# %% extractor_solution
inputs = keras.Input((side, side, 3))
x = inputs
for layer in pretrained.layers[1:-1]:
    x = layer(x)
extractor = keras.Model(inputs, x, name="extractor")
extractor.trainable = False

# %% features_solution
def extract_features(images):
    return keras.ops.convert_to_numpy(extractor(preprocess(images), training=False))

# %% classifier_solution
from sklearn.svm import SVC

classifier = SVC().fit(np.load("features_train.npy"), y_train)
recognise = lambda images: classifier.predict(extract_features(images))
