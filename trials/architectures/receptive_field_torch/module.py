"""A class of its own with a ModuleList; weights replaced by Parameters; torch.eye for the trial images."""
# expect: full marks
# %% build_stack_solution
class Stack(nn.Module):
    def __init__(self, stack, kernels):
        super().__init__()
        self.parts = nn.ModuleList()
        k = iter(kernels)
        for l in stack:
            if l["kind"] == "pool":
                self.parts.append(nn.MaxPool2d((l["kernel"], l["kernel"]), (l["stride"], l["stride"])))
            else:
                c = nn.Conv2d(1, 1, kernel_size=(l["kernel"], l["kernel"]), stride=l["stride"],
                              dilation=l["dilation"], padding=0, bias=False)
                c.weight = nn.Parameter(torch.as_tensor(next(k)).float()[None, None])
                self.parts.append(c)

    def forward(self, x):
        for p in self.parts:
            x = p(x)
        return x


def build_stack(stack, kernels):
    """A torch module of the stack with these kernels: (N, 1, H, W) -> (N, 1, H', W')."""
    return Stack(stack, kernels)
# %% measured_field_solution
@torch.no_grad()
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    eye = torch.eye(size)
    images = (eye.unsqueeze(2) * eye.unsqueeze(1)).unsqueeze(1)
    seen = build_stack(stack, kernels)(images)[:, 0, 0, 0].abs().gt(1e-6).nonzero().flatten().tolist()
    return seen[-1] - seen[0] + 1 if seen else 0
