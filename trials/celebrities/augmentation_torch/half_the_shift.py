"""A tenth in the grid's coordinates, in which a side is 2 long."""
# expect: misconception half the shift
# %% augment_solution
def augment(images, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(images, dtype=torch.float32)
    n = len(x)
    a, c, f = [(2 * torch.rand(n, generator=generator) - 1) * most for most in (math.radians(10), 0.1, 0.1)]
    m = torch.randint(2, (n,), generator=generator) * 2 - 1
    theta = torch.stack([torch.stack([m * a.cos(), -m * a.sin(), c], 1), torch.stack([a.sin(), a.cos(), f], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
