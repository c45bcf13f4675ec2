"""The second stage begins with a new head, and trains both at once."""
# expect: loses points
# %% stage_2_solution
model = keras.Model(blocks.input, layers.Dense(faces.CLASSES)(blocks.output))
model.compile(keras.optimizers.Adam(fine_rate), loss)
model.fit(preprocess(x_train), y_train, batch_size=batch_size, epochs=4 * epochs, verbose=0)
