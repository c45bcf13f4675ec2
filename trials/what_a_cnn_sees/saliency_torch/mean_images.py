"""The mean of the scores instead of their sum."""
# expect: misconception the mean over the images
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = torch.tensor(images).requires_grad_()
    s = scores(model, pixels)
    own = s[torch.arange(len(images)), torch.tensor(labels)]
    y = own.mean()
    (gradient,) = torch.autograd.grad(y, pixels)
    return gradient.abs().amax(dim=1).numpy()
