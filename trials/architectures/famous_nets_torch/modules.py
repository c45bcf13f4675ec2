"""Classes with a forward; ReLUs inplace; batch normalizations beside the convolutions."""
# expect: full marks
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    net = nn.Sequential()
    for i, (a, b) in enumerate(((1, 6), (6, 16))):
        net.add_module(f"conv{i}", nn.Conv2d(a, b, kernel_size=(5, 5)))
        net.add_module(f"tanh{i}", nn.Tanh())
        net.add_module(f"pool{i}", nn.AvgPool2d(kernel_size=2, stride=2))
    net.extend([nn.Conv2d(16, 120, 5, padding=0), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh()])
    net.append(nn.Linear(84, 10, bias=True))
    return net
# %% alexnet_solution
class Classifier(nn.Module):
    def __init__(self, features, inputs, hidden, classes):
        super().__init__()
        self.features = features
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(
            nn.Linear(inputs, hidden), nn.ReLU(True), nn.Dropout(),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(),
            nn.Linear(hidden, classes),
        )

    def forward(self, x):
        return self.classifier(self.flatten(self.features(x)))


def alexnet(width=64, hidden=4096, classes=1000):
    """AlexNet as a model: 224x224 pixels in, logits out."""
    w1, w3, w6, w4 = width, 3 * width, 6 * width, 4 * width
    features = nn.Sequential(
        nn.Conv2d(3, w1, kernel_size=11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(w1, w3, kernel_size=5, padding="same"), nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(w3, w6, 3, padding="same"), nn.ReLU(True),
        nn.Conv2d(w6, w4, 3, padding="same"), nn.ReLU(True),
        nn.Conv2d(w4, w4, 3, padding="same"), nn.ReLU(True), nn.MaxPool2d(3, 2),
    )
    return Classifier(features, w4 * 36, hidden, classes)
# %% vgg16_solution
def vgg16(width=64, hidden=4096, classes=1000):
    """VGG16 as a model: 224x224 pixels in, logits out."""
    parts, before = [], 3
    for letter in "11p22p444p888p888p":
        if letter == "p":
            parts.append(nn.MaxPool2d(2, 2))
            continue
        now = int(letter) * width
        parts.extend((nn.Conv2d(before, now, (3, 3), padding=(1, 1)), nn.ReLU(inplace=True)))
        before = now
    return Classifier(nn.Sequential(*parts), before * 49, hidden, classes)
# %% inception_solution
class Inception(nn.Module):
    def __init__(self, c, ones, r3, threes, r5, fives, pooled):
        super().__init__()
        self.b1 = nn.Conv2d(c, ones, 1)
        self.b4 = nn.Conv2d(c, pooled, 1)
        self.b2a, self.b2b = nn.Conv2d(c, r3, 1), nn.Conv2d(r3, threes, 3, padding=1)
        self.b3a, self.b3b = nn.Conv2d(c, r5, 1), nn.Conv2d(r5, fives, 5, padding=2)

    def forward(self, x):
        r = torch.relu
        p = nn.functional.max_pool2d(x, 3, 1, 1)
        return torch.concatenate([r(self.b1(x)), r(self.b2b(r(self.b2a(x)))), r(self.b3b(r(self.b3a(x)))), r(self.b4(p))], 1)


def inception(channels, ones, reduced3, threes, reduced5, fives, pooled):
    """An inception module as a model."""
    return Inception(channels, ones, reduced3, threes, reduced5, fives, pooled)
# %% resnet_bottleneck_solution
class Bottleneck(nn.Module):
    def __init__(self, c, m):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c, m, 1, bias=False), nn.BatchNorm2d(m)
        self.conv2, self.bn2 = nn.Conv2d(m, m, 3, padding=1, bias=False), nn.BatchNorm2d(m)
        self.conv3, self.bn3 = nn.Conv2d(m, c, 1, bias=False), nn.BatchNorm2d(c)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + x)


def resnet_bottleneck(channels, middle):
    """A bottleneck block of ResNet-50 as a model."""
    return Bottleneck(channels, middle)
