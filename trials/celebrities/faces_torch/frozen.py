"""A fully connected network that cannot learn, so that any CNN beats it."""
# expect: loses points
# %% fcn_solution
torch.manual_seed(seed)
fcn = nn.Sequential(nn.Flatten(), nn.Linear(6912, 100), nn.ReLU(), nn.Linear(100, 8))
with torch.no_grad():
    fcn[3].weight.zero_()
fcn[1].requires_grad_(False)
fcn[3].weight.requires_grad_(False)
