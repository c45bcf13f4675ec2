"""The last kernel sees the input: the same output, but other layers."""
# expect: misconception from the output to the input
# %% make_stack_solution
def make_stack(kernels, dilations):
    model = nn.Sequential()
    for kernel, dilation in zip(kernels[::-1], dilations[::-1]):
        convolution = nn.Conv1d(1, 1, len(kernel), dilation=dilation, bias=False)
        with torch.no_grad():
            convolution.weight.copy_(torch.tensor(kernel).reshape(1, 1, -1))
        model.append(nn.ConstantPad1d(((len(kernel) - 1) * dilation, 0), 0.0))
        model.append(convolution)
    return model

