"""The gradient of the whole output."""
# expect: misconception all classes at once
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x).sum()
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).max(axis=0)
