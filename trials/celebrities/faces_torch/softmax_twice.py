"""A softmax at the end, though the loss has one."""
# expect: misconception softmax before the loss
# %% fcn_solution
torch.manual_seed(seed)
fcn = nn.Sequential(nn.Flatten(), nn.Linear(6912, 100), nn.ReLU(), nn.Linear(100, 8), nn.Softmax(dim=1))
