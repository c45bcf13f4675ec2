"""A module of one's own, whose frozen part always stays in evaluation mode; its own loop."""
# expect: full marks
# %% preprocess_solution
side = backbone.SIDE[network]


def preprocess(images):
    x = torch.from_numpy(backbone.resize(images, side)).permute(0, 3, 1, 2)
    return x.flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)

# %% model_solution
torch.manual_seed(seed)
blocks = backbone.load(network, "torch", top=False)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(256, 8)
        self.body = blocks

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x):
        return self.head(self.body(x))


model = Net()

# %% freeze_solution
for parameter in model.body.parameters():
    parameter.requires_grad = False

# %% stage_1_solution
def run(parameters, rate):
    adam = torch.optim.Adam(parameters, lr=rate)
    model.train()
    x, y = preprocess(x_train), torch.from_numpy(y_train)
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss = nn.CrossEntropyLoss()(model(x[batch]), y[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()


run(model.head.parameters(), head_rate)

# %% unfreeze_solution
for name, parameter in model.body.named_parameters():
    parameter.requires_grad = name.startswith("block4_conv1")

# %% stage_2_solution
run([p for p in model.parameters() if p.requires_grad], fine_rate)
