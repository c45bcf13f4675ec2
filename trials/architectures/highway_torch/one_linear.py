"""Both matrices loaded through .data."""
# expect: full marks
# %% layer_solution
def HighwayLayer(w_h, b_h, w_t, b_t):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(len(b_h), len(b_h)), nn.Linear(len(b_h), len(b_h))
            for lin, w, b in ((self.a, w_h, b_h), (self.b, w_t, b_t)):
                lin.weight.data = torch.FloatTensor(w.transpose().copy())
                lin.bias.data = torch.FloatTensor(b)

        def forward(self, x):
            t = torch.sigmoid(self.b(x))
            return x + t * (torch.tanh(self.a(x)) - x)
    return Net()
