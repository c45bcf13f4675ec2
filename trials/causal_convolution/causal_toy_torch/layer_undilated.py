"""The dilation is not passed on."""
# expect: misconception no dilation
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    conv = nn.Conv1d(1, 1, len(kernel), dilation=1, bias=False)
    conv.weight.data = torch.tensor(np.array(kernel), dtype=torch.float32).view(1, 1, -1)
    return nn.Sequential(nn.ConstantPad1d((len(kernel) - 1, 0), 0.0), conv)

