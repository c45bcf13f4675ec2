"""Classes with F.relu, einsum for the layout, German comments."""
# expect: full marks
# %% conv_layer_solution
import torch.nn.functional as F


class Schicht(nn.Module):
    def __init__(self, k, padding):
        super().__init__()
        self.faltung = nn.Conv2d(1, 1, tuple(k.shape), padding=padding, bias=False)
        # Gewichte: (Filter, Kanal, Hoehe, Breite)
        self.faltung.weight = nn.Parameter(torch.from_numpy(k).float().unsqueeze(0).unsqueeze(0))

    def forward(self, x):
        return self.faltung(x)


def conv_layer(kernel, padding="valid"):
    return Schicht(kernel, padding)
# %% deck_maps_solution
with torch.no_grad():
    bild = torch.from_numpy(IMAGE.astype(np.float32)).reshape(1, 1, 6, 6)
    feature_map = conv_layer(KERNEL)(bild).squeeze().numpy()
    feature_map_same = conv_layer(KERNEL, padding="same")(bild).squeeze().numpy()
# %% filter_bank_solution
class Bank(nn.Module):
    def __init__(self, kernels, biases):
        super().__init__()
        f, h, w, c = kernels.shape
        self.faltung = nn.Conv2d(c, f, (h, w))
        self.faltung.load_state_dict({
            "weight": torch.einsum("fhwc->fchw", torch.tensor(kernels, dtype=torch.float32)),
            "bias": torch.tensor(biases, dtype=torch.float32),
        })

    def forward(self, x):
        return self.faltung(x)


def filter_bank(kernels, biases):
    return Bank(kernels, biases)
# %% conv_block_solution
class Block(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.schicht = conv_layer(kernel)
        self.pool = nn.MaxPool2d((2, 2))

    def forward(self, x):
        return self.pool(F.relu(self.schicht(x)))


def conv_block(kernel):
    return Block(kernel)
