"""A small dense network as the classifier, and features in double precision on the way."""
# expect: full marks
# %% preprocess_solution
MEAN_RGB = np.array([123.68, 116.779, 103.939])


def preprocess(images):
    centred = backbone.resize(np.asarray(images), side).astype("float64") - MEAN_RGB
    return np.flip(centred, axis=-1).astype("float32")

# %% features_solution
def extract_features(images):
    batches = np.array_split(preprocess(images), max(1, len(images) // 16))
    return np.concatenate([extractor.predict_on_batch(batch) for batch in batches]).astype(np.float32)

# %% classifier_solution
features = load_features("features_train.npy")
mean, std = features.mean(axis=0), features.std(axis=0) + 1e-6
keras.utils.set_random_seed(seed)
classifier = keras.Sequential([keras.Input((96,)), keras.layers.Dense(8, activation="softmax")])
classifier.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
classifier.fit((features - mean) / std, y_train, batch_size=8, epochs=40, verbose=0)


def recognise(images):
    return classifier.predict((extract_features(images) - mean) / std, verbose=0).argmax(axis=1)
