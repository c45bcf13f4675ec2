"""The whole model is in training mode: frozen batch normalizations follow every batch."""
# expect: misconception running statistics moved
# %% stage_1_solution
model.train()
learn(model, torch.optim.Adam(model.parameters(), head_rate))
