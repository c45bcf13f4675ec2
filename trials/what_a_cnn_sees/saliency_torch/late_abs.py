"""The maximum first, the absolute value afterwards."""
# expect: misconception the absolute value comes too late
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient.max(axis=0))
