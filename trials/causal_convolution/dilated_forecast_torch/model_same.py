"""Padding at both ends."""
# expect: misconception 'same' instead of causal
# %% make_model_solution
class Cut(nn.Module):
    def forward(self, y):
        return y[:, :, -look_ahead:]


def make_model(kernel_size, dilations):
    model = nn.Sequential()
    channels = 1
    for dilation in dilations:
        model.append(nn.ConstantPad1d(((kernel_size - 1) * dilation // 2, (kernel_size - 1) * dilation - (kernel_size - 1) * dilation // 2), 0.0))
        model.append(nn.Conv1d(channels, 32, kernel_size, dilation=dilation))
        channels = 32
    model.append(nn.Conv1d(32, 1, 1))
    model.append(Cut())
    return model


torch.manual_seed(seed)
plain = make_model(5, [1, 1, 1, 1])
dilated = make_model(5, [1, 2, 4, 8])

