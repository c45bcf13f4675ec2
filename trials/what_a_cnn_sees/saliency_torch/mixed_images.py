"""The maximum over images and channels."""
# expect: misconception the images are mixed
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = torch.tensor(images).requires_grad_()
    s = scores(model, pixels)
    own = s[torch.arange(len(images)), torch.tensor(labels)]
    y = own.sum()
    (gradient,) = torch.autograd.grad(y, pixels)
    return gradient.abs().amax(dim=(0, 1)).numpy()
