"""A class with a forward of its own."""
# expect: full marks
# %% model_solution
torch.manual_seed(seed)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.b1, self.r1 = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        self.c2, self.b2, self.r2 = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        self.p1 = nn.MaxPool2d(2)
        self.c3, self.b3, self.r3 = nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()
        self.c4, self.b4, self.r4 = nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()
        self.p2 = nn.MaxPool2d(2)
        self.flat = nn.Flatten()
        self.d1, self.b5, self.drop, self.r5 = nn.Linear(784, 40), nn.BatchNorm1d(40), nn.Dropout(0.3), nn.ReLU()
        self.d2 = nn.Linear(40, 10)

    def forward(self, x):
        x = self.r1(self.b1(self.c1(x)))
        x = self.p1(self.r2(self.b2(self.c2(x))))
        x = self.r3(self.b3(self.c3(x)))
        x = self.p2(self.r4(self.b4(self.c4(x))))
        return self.d2(self.r5(self.drop(self.b5(self.d1(self.flat(x))))))


model = Net()
