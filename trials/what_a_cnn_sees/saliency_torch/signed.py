"""No absolute value."""
# expect: misconception no absolute value
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return gradient.max(axis=0)
