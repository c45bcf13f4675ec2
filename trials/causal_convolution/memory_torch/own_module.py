"""A module that pads inside its forward pass, and a list of modules."""
# expect: full marks
# %% make_stack_solution
class Stack(nn.Module):
    def __init__(self, kernels, dilations):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv1d(1, 1, kernel_size=len(k), dilation=d, bias=False) for k, d in zip(kernels, dilations)
        )
        for conv, k in zip(self.convs, kernels):
            conv.weight = nn.Parameter(torch.tensor(k, dtype=torch.float32)[None, None])

    def forward(self, x):
        for conv in self.convs:
            x = conv(nn.functional.pad(x, ((conv.kernel_size[0] - 1) * conv.dilation[0], 0)))
        return x


def make_stack(kernels, dilations):
    return Stack(kernels, dilations)

# %% measured_memory_solution
def measured_memory(kernels, dilations):
    n = 2 * receptive_field([(len(k), d) for k, d in zip(kernels, dilations)])
    x = torch.zeros(2, 1, n)
    x[1, 0, 3] = 7.0
    with torch.no_grad():
        before, after = make_stack(kernels, dilations)(x)[:, 0]
    return (before != after).nonzero().max().item() - 3

