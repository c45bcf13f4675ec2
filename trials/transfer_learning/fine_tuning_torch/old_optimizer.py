"""The second stage goes on with the optimizer of the first one, which knows the head alone."""
# expect: misconception last block unchanged
# %% stage_1_solution
model.eval()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], head_rate)
learn(model, optimizer)

# %% stage_2_solution
optimizer.param_groups[0]["lr"] = fine_rate
learn(model, optimizer)
