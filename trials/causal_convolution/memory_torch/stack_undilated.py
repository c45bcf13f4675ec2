"""The dilations are forgotten."""
# expect: misconception no dilation
# %% make_stack_solution
def make_stack(kernels, dilations):
    model = nn.Sequential()
    for kernel, dilation in zip(kernels, dilations):
        convolution = nn.Conv1d(1, 1, len(kernel), dilation=1, bias=False)
        with torch.no_grad():
            convolution.weight.copy_(torch.tensor(kernel).reshape(1, 1, -1))
        model.append(nn.ConstantPad1d((len(kernel) - 1, 0), 0.0))
        model.append(convolution)
    return model

