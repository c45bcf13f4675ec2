"""Kernels turned by 180 degrees, as in mathematics."""
# expect: misconception flipped kernel
# %% build_stack_solution
def build_stack(stack, kernels):
    """A torch module of the stack with these kernels: (N, 1, H, W) -> (N, 1, H', W')."""
    kernels = list(kernels)
    model = nn.Sequential()
    for l in stack:
        if l["kind"] == "conv":
            c = nn.Conv2d(1, 1, l["kernel"], l["stride"], dilation=l["dilation"], bias=False)
            c.weight.data = torch.tensor(kernels.pop(0)[::-1, ::-1].copy(), dtype=torch.float32)[None, None]
            model.append(c)
        else:
            model.append(nn.MaxPool2d(l["kernel"], l["stride"]))
    return model
