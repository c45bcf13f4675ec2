"""Right maps, but the image comes back in other colours."""
# expect: loses points
# %% saliency_solution
def saliency(model, image, label):
    x = torch.from_numpy(image).requires_grad_()
    (gradient,) = torch.autograd.grad(scores(model, x[None])[0, label], x)
    with torch.no_grad():
        x *= 0.5
    return gradient.abs().amax(dim=0).numpy()
