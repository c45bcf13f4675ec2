"""Draws anew whenever it is called."""
# expect: misconception another draw for the same seed
# %% augment_solution
def augment(images, seed):
    x = torch.as_tensor(images, dtype=torch.float32)
    n = len(x)
    a, c, f = [(2 * torch.rand(n) - 1) * most for most in (math.radians(10), 0.2, 0.2)]
    m = torch.randint(2, (n,)) * 2 - 1
    theta = torch.stack([torch.stack([m * a.cos(), -m * a.sin(), c], 1), torch.stack([a.sin(), a.cos(), f], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
