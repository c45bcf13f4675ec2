"""The right shape by reshape: colours and places are mixed up."""
# expect: misconception reshaped, not transposed
# %% prepare_solution
def prepare(images):
    return (torch.tensor(images, dtype=torch.float32) / 127.5 - 1).reshape(-1, 3, 48, 48)
