"""The head in a loop over functional layers; only a list of names decides what is trainable."""
# expect: full marks
# %% model_solution
keras.utils.set_random_seed(seed)
blocks = backbone.load(network, "keras", top=False)
x = keras.Input((side, side, 3))
out = blocks(x, training=False)
model = keras.Model(x, layers.Dense(faces.CLASSES, activation=None)(out))

# %% freeze_solution
def trainable(names):
    for layer in blocks.layers:
        layer.trainable = layer.name in names


trainable([])

# %% unfreeze_solution
trainable(["block4_conv1"])

# %% stage_2_solution
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.optimizer.learning_rate = fine_rate
model.fit(preprocess(x_train), y_train, batch_size, epochs, verbose=0, shuffle=True)
