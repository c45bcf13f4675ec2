"""One matrix for the whole batch."""
# expect: misconception one draw for the whole batch
# %% augment_solution
def augment(images, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(images, dtype=torch.float32)
    a, c, f = [(2 * torch.rand(1, generator=generator).item() - 1) * most for most in (math.radians(10), 0.2, 0.2)]
    m = 1 if torch.rand(1, generator=generator).item() < 0.5 else -1
    theta = torch.tensor([[m * math.cos(a), -m * math.sin(a), c], [math.sin(a), math.cos(a), f]]).expand(len(x), 2, 3)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
