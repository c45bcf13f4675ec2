"""One random number for each picture, used for the angle, both shifts and the mirror image."""
# expect: misconception the same random numbers for several things
# %% augment_solution
def augment(images, seed):
    x = torch.as_tensor(images, dtype=torch.float32)
    u = 2 * torch.rand(len(x), generator=torch.Generator().manual_seed(seed)) - 1
    a, c, f, m = u * math.radians(10), u * 0.2, u * 0.2, torch.sign(u)
    theta = torch.stack([torch.stack([m * a.cos(), -m * a.sin(), c], 1), torch.stack([a.sin(), a.cos(), f], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
