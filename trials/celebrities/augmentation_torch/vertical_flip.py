"""Flips above and below as well."""
# expect: misconception vertical flip
# %% augment_solution
def augment(images, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(images, dtype=torch.float32)
    n = len(x)
    a, c, f = [(2 * torch.rand(n, generator=generator) - 1) * most for most in (math.radians(10), 0.2, 0.2)]
    h, v = [torch.randint(2, (n,), generator=generator) * 2 - 1 for _ in range(2)]
    theta = torch.stack([torch.stack([h * a.cos(), -h * a.sin(), c], 1), torch.stack([v * a.sin(), v * a.cos(), f], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
