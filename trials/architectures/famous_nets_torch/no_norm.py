"""No batch normalization."""
# expect: misconception no batch normalization
# %% resnet_bottleneck_solution
def resnet_bottleneck(channels, middle):
    """A bottleneck block of ResNet-50 as a model."""
    inner = nn.Sequential()
    for i, (a, b, k) in enumerate([(channels, middle, 1), (middle, middle, 3), (middle, channels, 1)]):
        inner.append(nn.Conv2d(a, b, k, padding=k // 2, bias=False))
        pass
        if i < 2:
            inner.append(nn.ReLU())
    return nn.Sequential(Shortcut(inner), nn.ReLU())
