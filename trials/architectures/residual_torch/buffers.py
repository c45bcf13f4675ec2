"""Keeps the kernels as buffers, which no optimizer sees."""
# expect: loses points
# %% block_solution
class ResidualBlock(nn.Module):
    def __init__(self, kernel1, bias1, kernel2, bias2, projection=None, stride=1):
        super().__init__()
        self.stride = stride
        for name, a in (("k1", kernel1), ("b1", bias1), ("k2", kernel2), ("b2", bias2), ("p", projection)):
            self.register_buffer(name, None if a is None else torch.tensor(a, dtype=torch.float32))

    def forward(self, x):
        f = nn.functional.conv2d(torch.relu(nn.functional.conv2d(x, self.k1, self.b1, self.stride, 1)), self.k2, self.b2, padding=1)
        return f + (x if self.p is None else nn.functional.conv2d(x, self.p, stride=self.stride))
