"""The mean over the channels."""
# expect: misconception the mean over the channels
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).mean(axis=0)
