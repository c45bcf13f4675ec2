"""A nested sequential model; layers frozen one by one; batches by hand."""
# expect: full marks
# %% preprocess_solution
side = backbone.SIDE[network]  # of the images that the network takes


def preprocess(images):
    return keras.applications.vgg16.preprocess_input(np.array(backbone.resize(images, side)))

# %% model_solution
keras.utils.set_random_seed(seed)

blocks = backbone.load(network, "keras", top=False)
model = keras.Sequential([blocks, layers.Dense(8, name="head")])

# %% freeze_solution
for layer in blocks.layers:
    layer.trainable = False

# %% stage_1_solution
def run(rate):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=rate), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, rng = preprocess(x_train), np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            model.train_on_batch(x[batch], y_train[batch])


run(head_rate)

# %% unfreeze_solution
blocks.trainable = True
for layer in blocks.layers:
    layer.trainable = layer.name == "block4_conv1"

# %% stage_2_solution
run(fine_rate)
