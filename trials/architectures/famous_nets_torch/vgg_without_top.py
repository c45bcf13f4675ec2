"""VGG16 without its dense layers."""
# expect: misconception convolutions only
# %% vgg16_solution
def vgg16(width=64, hidden=4096, classes=1000):
    """VGG16 as a model: 224x224 pixels in, logits out."""
    m, c = nn.Sequential(), 3
    for n, times in ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8)):
        for _ in range(n):
            m.append(nn.Conv2d(c, times * width, 3, padding=1, bias=True))
            m.append(nn.ReLU())
            c = times * width
        m.append(nn.MaxPool2d(2))
    m.append(nn.Flatten())
    return m
