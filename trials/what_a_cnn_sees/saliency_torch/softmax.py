"""Starts from the softmax, as the slide says."""
# expect: misconception the softmax's gradient
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = model(x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).max(axis=0)
