"""The kernel is loaded backwards."""
# expect: misconception flipped kernel
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    conv = nn.Conv1d(1, 1, len(kernel), dilation=dilation, bias=False)
    conv.weight.data = torch.tensor(np.array(kernel[::-1]), dtype=torch.float32).view(1, 1, -1)
    return nn.Sequential(nn.ConstantPad1d(((len(kernel) - 1) * dilation, 0), 0.0), conv)

