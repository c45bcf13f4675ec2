"""The first image's class for all of them."""
# expect: misconception one class for all images
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = torch.tensor(images).requires_grad_()
    s = scores(model, pixels)
    own = s[torch.arange(len(images)), torch.tensor(labels)]
    y = s[:, labels[0]].sum()
    (gradient,) = torch.autograd.grad(y, pixels)
    return gradient.abs().amax(dim=1).numpy()
