"""No zeros at all."""
# expect: misconception unpadded
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    conv = nn.Conv1d(1, 1, len(kernel), dilation=dilation, bias=False)
    conv.weight.data = torch.tensor(np.array(kernel), dtype=torch.float32).view(1, 1, -1)
    return nn.Sequential(nn.ConstantPad1d((0, 0), 0.0), conv)

