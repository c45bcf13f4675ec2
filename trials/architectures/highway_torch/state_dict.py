"""load_state_dict, Sequential, double precision."""
# expect: full marks
# %% layer_solution
class HighwayLayer(nn.Module):
    def __init__(self, w_h, b_h, w_t, b_t):
        super().__init__()
        D = len(b_h)
        self.h = nn.Sequential(nn.Linear(D, D), nn.Tanh())
        self.t = nn.Sequential(nn.Linear(D, D), nn.Sigmoid())
        self.double()
        self.load_state_dict({"h.0.weight": torch.from_numpy(w_h.T.copy()), "h.0.bias": torch.from_numpy(b_h),
                              "t.0.weight": torch.from_numpy(w_t.T.copy()), "t.0.bias": torch.from_numpy(b_t)})

    def forward(self, x):
        t = self.t(x)
        return t * self.h(x) + (1 - t) * x
