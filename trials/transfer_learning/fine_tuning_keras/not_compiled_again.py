"""The second stage goes on with fit alone: Keras has not noticed that more is trainable."""
# expect: misconception last block unchanged
# %% stage_2_solution
model.optimizer.learning_rate = fine_rate
model.fit(preprocess(x_train), y_train, batch_size=batch_size, epochs=epochs, verbose=0)
