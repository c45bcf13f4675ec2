"""Polsterung an beiden Enden, danach abgeschnitten; deutsch kommentiert."""
# expect: full marks
# %% make_model_solution
class Kausal(nn.Conv1d):
    """Faltung, die rechts abschneidet, was in die Zukunft schaut."""

    def forward(self, x):
        return super().forward(x)[:, :, : x.shape[2]]


class Ende(nn.Module):
    def forward(self, y):
        return y[:, :, y.shape[2] - 10 :]  # die letzten zehn


def make_model(kernel_size, dilations):
    teile, kanaele = [], 1
    for d in dilations:
        teile.append(Kausal(kanaele, 32, kernel_size, padding=(kernel_size - 1) * d, dilation=d))
        kanaele = 32
    return nn.Sequential(*teile, nn.Conv1d(32, 1, kernel_size=1), Ende())


torch.manual_seed(seed)
plain = make_model(5, [1, 1, 1, 1])
dilated = make_model(5, [1, 2, 4, 8])

