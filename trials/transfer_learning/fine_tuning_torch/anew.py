"""The second stage begins with a new head, and trains both at once."""
# expect: loses points
# %% stage_2_solution
model = nn.Sequential(blocks, nn.Linear(256, faces.CLASSES)).eval()
for _ in range(4):
    learn(model, torch.optim.Adam(model.parameters(), fine_rate))
