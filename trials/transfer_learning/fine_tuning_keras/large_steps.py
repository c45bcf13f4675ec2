"""The second stage learns as fast as the first one."""
# expect: loses points
# %% stage_2_solution
model.compile(keras.optimizers.Adam(head_rate), loss)
model.fit(preprocess(x_train), y_train, batch_size=batch_size, epochs=epochs, verbose=0)
