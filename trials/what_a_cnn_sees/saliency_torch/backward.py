"""backward and .grad, cleaned up afterwards; the network iterated layer by layer."""
# expect: full marks
# %% scores_solution
def scores(model, images):
    """Layer by layer, and the softmax left out."""
    values = images
    for layer in list(model)[:-1]:
        values = layer(values)
    return values
# %% saliency_solution
def saliency(model, image, label):
    """The classical way: backward fills x.grad."""
    x = torch.tensor(image[None], requires_grad=True)
    scores(model, x)[0, label].backward()
    model.zero_grad()
    return np.abs(x.grad.numpy()[0]).max(axis=0)
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    """gather takes one column of each row."""
    x = torch.tensor(images, requires_grad=True)
    scores(model, x).gather(1, torch.from_numpy(labels)[:, None]).sum().backward()
    model.zero_grad()
    return x.grad.abs().max(dim=1).values
