"""Zeros at both ends."""
# expect: misconception 'same' instead of causal
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    conv = nn.Conv1d(1, 1, len(kernel), dilation=dilation, bias=False)
    conv.weight.data = torch.tensor(np.array(kernel), dtype=torch.float32).view(1, 1, -1)
    return nn.Sequential(nn.ConstantPad1d(((len(kernel) - 1) * dilation // 2, (len(kernel) - 1) * dilation - (len(kernel) - 1) * dilation // 2), 0.0), conv)

