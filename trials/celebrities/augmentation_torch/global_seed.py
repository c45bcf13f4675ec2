"""torch.manual_seed and flips by torch.flip; a DataLoader cuts the mini-batches."""
# expect: full marks
# %% augment_solution
def augment(images, seed):
    torch.manual_seed(seed)
    x = torch.as_tensor(images).float()
    n = x.shape[0]
    u = torch.rand(3, n) * 2 - 1
    flip = torch.bernoulli(torch.full((n,), 0.5)).bool()
    x = torch.where(flip[:, None, None, None], torch.flip(x, dims=[3]), x)
    a = u[0] * (10 * torch.pi / 180)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = torch.cos(a)
    theta[:, 0, 1], theta[:, 1, 0] = -torch.sin(a), torch.sin(a)
    theta[:, :, 2] = 0.2 * u[1:].T
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)

# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    x, y = torch.as_tensor(images).float(), torch.as_tensor(labels)
    if training:
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        x, y = augment(x[order], seed), y[order]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch_size)
    return [tuple(pair) for pair in loader]
