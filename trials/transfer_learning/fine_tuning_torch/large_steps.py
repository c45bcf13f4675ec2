"""The second stage learns as fast as the first one."""
# expect: loses points
# %% stage_2_solution
learn(model, torch.optim.Adam(model.parameters(), head_rate))
